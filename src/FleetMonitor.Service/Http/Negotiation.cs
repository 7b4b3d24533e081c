using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Net.Http.Headers;

namespace FleetMonitor.Service.Http;

/// <summary>
/// Which of the types that an endpoint gives a caller wants (RFC 9110, section 12.5.1): JSON, unless the caller names CSV and likes JSON no
/// better. What an endpoint gives is what it says it produces, so that its description cannot say otherwise.
/// </summary>
internal static class Negotiation
{
    public const string Json = "application/json";
    public const string Csv = "text/csv";

    private static readonly object CsvItem = new();

    /// <summary>Answers 406 where an endpoint gives nothing that the caller accepts.</summary>
    public static TBuilder Negotiate<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.AddEndpointFilter(async (invocation, next) =>
        {
            HttpContext http = invocation.HttpContext;
            string[] given = GivenBy(http);
            if (given.Contains(Csv))
            {
                http.Response.Headers.AppendCommaSeparatedValues(HeaderNames.Vary, HeaderNames.Accept);
            }

            IList<MediaTypeHeaderValue> ranges = Accepted(http.Request);
            if (ranges.Count > 0 && given.All(type => Liking(ranges, type).Quality == 0))
            {
                return NotAcceptable(given);
            }

            http.Items[CsvItem] = given.Contains(Csv) && PrefersCsv(ranges);
            return await next(invocation);
        });

    /// <summary>True where the caller is to get CSV, inside an endpoint that has <see cref="Negotiate"/>.</summary>
    public static bool WantsCsv(HttpContext http) => http.Items[CsvItem] is true;

    private static bool PrefersCsv(IList<MediaTypeHeaderValue> ranges)
    {
        (double quality, int precision) = Liking(ranges, Csv);
        return precision > 0 && quality > 0 && (quality, precision).CompareTo(Liking(ranges, Json)) >= 0;
    }

    /// <summary>What the range that fits a type most closely says of it; a precision of 0 is <c>*/*</c>.</summary>
    private static (double Quality, int Precision) Liking(IList<MediaTypeHeaderValue> ranges, string type)
    {
        var wanted = new MediaTypeHeaderValue(type);
        return ranges.Where(range => range.MatchesMediaType(type) || (range.MatchesAllSubTypes && range.Type == wanted.Type) || range.MatchesAllTypes)
            .Select(range => (Quality: range.Quality ?? 1, Precision: range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2))
            .OrderByDescending(liking => liking.Precision).ThenByDescending(liking => liking.Quality)
            .FirstOrDefault();
    }

    /// <summary>None where the caller says nothing, or nothing that can be read.</summary>
    private static IList<MediaTypeHeaderValue> Accepted(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList([.. request.Headers.Accept.OfType<string>()], out IList<MediaTypeHeaderValue>? ranges) ? ranges : [];

    private static string[] GivenBy(HttpContext http) => http.GetEndpoint()!.Metadata.GetOrderedMetadata<IProducesResponseTypeMetadata>()
        .Where(answer => answer.StatusCode == StatusCodes.Status200OK).SelectMany(answer => answer.ContentTypes)
        .DefaultIfEmpty(Json).Distinct().ToArray();

    private static ProblemHttpResult NotAcceptable(string[] given) => TypedResults.Problem(
        $"This is given as {string.Join(" or ", given)}.", statusCode: StatusCodes.Status406NotAcceptable);
}
