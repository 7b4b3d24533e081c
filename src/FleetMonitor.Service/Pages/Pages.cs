using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace FleetMonitor.Service.Pages;

/// <summary>
/// The built-in page: files that are part of the program, so that it needs nothing else and asks nobody else for anything. Its data come from
/// the API, with the caller's own key.
/// </summary>
internal static class Pages
{
    private const string Prefix = "page/";
    private const string Index = "index.html";
    private const string LanguagePlace = "{language}";

    /// <summary>Only what this service serves itself, and nothing written into the page.</summary>
    private const string ContentSecurity =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary();

    /// <summary>Headers that make a browser trust answers no further than needed.</summary>
    public static void UseSafeHeaders(this WebApplication web) => web.Use((http, next) =>
    {
        IHeaderDictionary headers = http.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurity;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        return next(http);
    });

    public static void MapPages(this IEndpointRouteBuilder routes)
    {
        foreach ((string name, byte[] content) in Files())
        {
            if (name == Index)
            {
                string page = Encoding.UTF8.GetString(content);
                routes.MapMethods("/", Methods, (HttpContext http) =>
                {
                    http.Response.Headers.Vary = HeaderNames.AcceptLanguage;
                    return Answer(http, name, Encoding.UTF8.GetBytes(page.Replace(LanguagePlace, Language(http.Request), StringComparison.Ordinal)));
                }).ExcludeFromDescription();
            }
            else
            {
                routes.MapMethods($"/page/{name}", Methods, (HttpContext http) => Answer(http, name, content)).ExcludeFromDescription();
            }
        }
    }

    /// <summary><c>?lang=</c> where it is given, else what the browser likes best of the two.</summary>
    public static string Language(HttpRequest request)
    {
        if (request.Query["lang"].ToString() is "en" or "ru")
        {
            return request.Query["lang"].ToString();
        }

        IEnumerable<StringWithQualityHeaderValue> liked =
            StringWithQualityHeaderValue.TryParseList([.. request.Headers.AcceptLanguage.OfType<string>()], out IList<StringWithQualityHeaderValue>? list)
                ? list.OrderByDescending(language => language.Quality ?? 1)
                : [];
        return liked.Select(language => language.Value.Value!.Split('-')[0].ToLowerInvariant()).FirstOrDefault(language => language is "en" or "ru") ?? "en";
    }

    private static IResult Answer(HttpContext http, string name, byte[] content)
    {
        // Asked about each time, and sent only when it has changed: a new version shows at once.
        http.Response.Headers.CacheControl = "no-cache";
        return TypedResults.Bytes(
            content,
            Types[Path.GetExtension(name)],
            entityTag: new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(content), 0, 8)}\""));
    }

    private static IEnumerable<(string Name, byte[] Content)> Files()
    {
        foreach (string resource in typeof(Pages).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using Stream stream = typeof(Pages).Assembly.GetManifestResourceStream(resource)!;
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            yield return (resource[Prefix.Length..], copy.ToArray());
        }
    }
}
