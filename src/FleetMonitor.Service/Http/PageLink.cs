namespace FleetMonitor.Service.Http;

/// <summary>Where the next page of an answer is that has no room for it in its body, such as CSV: a <c>Link</c> header (RFC 8288).</summary>
internal static class PageLink
{
    /// <param name="next">What the next page comes after; null on the last one.</param>
    public static void Add(HttpContext http, string? next)
    {
        if (next is not null)
        {
            http.Response.Headers.Link = $"<{http.Request.Path}{NextQuery(http.Request, next)}>; rel=\"next\"";
        }
    }

    private static QueryString NextQuery(HttpRequest request, string next) => QueryString.Create(
        request.Query.Where(pair => pair.Key != "after").SelectMany(pair => pair.Value, (pair, value) => KeyValuePair.Create(pair.Key, value))
            .Append(KeyValuePair.Create("after", (string?)next)));
}
