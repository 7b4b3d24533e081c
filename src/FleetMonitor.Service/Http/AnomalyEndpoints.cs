using System.Globalization;
using System.Text.Json;
using FleetMonitor.Anomalies;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Hosting;

namespace FleetMonitor.Service.Http;

/// <summary><c>/api/v1/anomalies</c>: what is wrong, since when, how sure, and what shows it.</summary>
internal static class AnomalyEndpoints
{
    private const int PageRows = 100;
    private const int MostRows = 1_000;

    public static void MapAnomalies(this IEndpointRouteBuilder routes) => routes
        .MapGet("/anomalies", List)
        .WithQuery(
            new QueryParameter("active", "true: only what has not cleared; false: only what has."),
            new QueryParameter("site", "Only this site."),
            new QueryParameter("device", "Only devices of this id."),
            new QueryParameter("limit", "Rows on a page, up to 1000; 100 where absent."),
            new QueryParameter("after", "What the page before gave as next."))
        .WithSummary("What is or was wrong, newest first, with the evidence in plain words and numbers.").WithTags("fleet")
        .Produces<AnomalyList>();

    private static IResult List(HttpRequest request, ServiceContext context)
    {
        var query = new QueryReader(request.Query);
        bool? active = query.Flag("active");
        int limit = query.Number("limit", PageRows, 1, MostRows);
        (Instant Raised, string Id)? after = null;
        if (query.After("after") is { } place)
        {
            string[] parts = place.Split('/', 2);
            if (parts.Length == 2 && long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long raised))
            {
                after = (new Instant(raised), parts[1]);
            }
            else
            {
                query.Wrong("after", "write what the page before gave as next");
            }
        }

        if (query.Refusal is { } refusal)
        {
            return refusal;
        }

        using LedgerReader ledger = LedgerReader.Open(context.Engine.Ledger.Files);
        AnomalyRecord[] rows = [.. ledger.Anomalies(active, query.Text("site"), query.Text("device"), after, limit + 1)];
        AnomalyRecord[] page = rows[..Math.Min(limit, rows.Length)];
        string? next = rows.Length > limit
            ? QueryReader.Cursor(string.Create(CultureInfo.InvariantCulture, $"{page[^1].Raised.UnixMilliseconds}/{page[^1].Id}"))
            : null;
        return TypedResults.Ok(new AnomalyList(
            [.. page.Select(row => JsonSerializer.Deserialize<JsonElement>(row.Json))],
            ledger.ActiveAnomalies().ToDictionary(count => count.Key, count => count.Value),
            next));
    }
}

/// <param name="Rows">Each as it was published when it was raised or cleared.</param>
/// <param name="Active">How many have not cleared, by severity, whatever the query asked for.</param>
internal sealed record AnomalyList(IReadOnlyList<JsonElement> Rows, IReadOnlyDictionary<string, long> Active, string? Next);
