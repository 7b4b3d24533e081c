using System.Text;
using FleetMonitor.Levy;
using FleetMonitor.Service.Books;
using FleetMonitor.Service.Hosting;
using Microsoft.Net.Http.Headers;

namespace FleetMonitor.Service.Http;

/// <summary><c>/api/v1/levy/totals</c>: the rows that <c>levy totals</c> prints, as JSON or CSV.</summary>
internal static class TotalsEndpoints
{
    /// <summary>So many that a fleet by device fits on one page; a client that asks for more by day as well has to turn pages.</summary>
    private const int MostRows = 100_000;

    public static void MapTotals(this IEndpointRouteBuilder routes) => routes
        .MapGet("/levy/totals", AnswerAsync)
        .WithQuery(
            new QueryParameter("site", "Only this site."),
            new QueryParameter("from", "First local day, such as 2026-10-01."),
            new QueryParameter("to", "The day after the last local day."),
            new QueryParameter("group", "What rows are split by, beside site, period and rate: device,tenant,day."),
            new QueryParameter("limit", "Rows on a page, up to 100000 (the default)."),
            new QueryParameter("after", "What the page before gave as next."))
        .WithSummary("Accrued totals over local dates: energy by quality, rate and amount. Also as text/csv.").WithTags("levy")
        .Produces<TotalsAnswer>(StatusCodes.Status200OK, "application/json", "text/csv");

    private static async Task<IResult> AnswerAsync(HttpRequest request, ServiceContext context)
    {
        var reader = new QueryReader(request.Query);
        string? site = reader.Text("site");
        var query = new TotalsQuery { From = reader.Date("from"), To = reader.Date("to"), Group = reader.Group("group") };
        int limit = reader.Number("limit", MostRows, 1, MostRows);
        string? after = reader.After("after");
        if (query is { From: { } from, To: { } to } && to < from)
        {
            reader.Wrong("to", "write a day that is not before from");
        }

        if (reader.Refusal is { } refusal)
        {
            return refusal;
        }

        IReadOnlyList<TotalsRow> rows;
        using (BooksView books = await context.OpenBooksAsync())
        {
            rows = await Task.Run(() => books.Totals(query, site));
        }

        int first = after is null ? 0 : IndexOf(rows, after) + 1;
        if (after is not null && first == 0)
        {
            reader.Wrong("after", "the row that the page before ended with is no longer there; begin again without after");
            return reader.Refusal!;
        }

        TotalsRow[] page = [.. rows.Skip(first).Take(limit)];
        string? next = first + page.Length < rows.Count ? QueryReader.Cursor(PlaceOf(page[^1])) : null;
        return WantsCsv(request)
            ? new CsvPage(page, query.Group, next)
            : new Written(json => TotalsWriter.WriteJson(json, page, query.Group, next));
    }

    /// <summary>True where the caller accepts CSV and does not like JSON as well.</summary>
    public static bool WantsCsv(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList([.. request.Headers.Accept.OfType<string>()], out IList<MediaTypeHeaderValue>? accepted)
        && Quality(accepted, "text/csv") is { } csv && csv > 0 && csv >= (Quality(accepted, "application/json") ?? 0);

    private static double? Quality(IList<MediaTypeHeaderValue> accepted, string type) =>
        accepted.FirstOrDefault(value => value.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)) is { } found ? found.Quality ?? 1 : null;

    private static int IndexOf(IReadOnlyList<TotalsRow> rows, string place)
    {
        for (int i = 0; i < rows.Count; i++)
        {
            if (PlaceOf(rows[i]) == place)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>What no other row of the same query has; ids hold no line feeds.</summary>
    private static string PlaceOf(TotalsRow row) => string.Join(
        '\n', row.Site, row.Period, row.Day?.ToString("O"), row.Tenant, row.Device, row.RateCode, row.PerKwh?.ToString("G29"));

    private sealed class CsvPage(TotalsRow[] rows, TotalsGroup group, string? next) : IResult
    {
        public async Task ExecuteAsync(HttpContext http)
        {
            http.Response.ContentType = "text/csv; charset=utf-8";
            if (next is not null)
            {
                http.Response.Headers.Link = $"<{http.Request.Path}{NextQuery(http.Request, next)}>; rel=\"next\"";
            }

            using var bytes = new MemoryStream();
            await using (var text = new StreamWriter(bytes, new UTF8Encoding(false), leaveOpen: true))
            {
                TotalsWriter.WriteCsv(text, rows, group);
            }

            bytes.Position = 0;
            await bytes.CopyToAsync(http.Response.Body, http.RequestAborted);
        }

        private static QueryString NextQuery(HttpRequest request, string next) => QueryString.Create(
            request.Query.Where(pair => pair.Key != "after").SelectMany(pair => pair.Value, (pair, value) => KeyValuePair.Create(pair.Key, value))
                .Append(KeyValuePair.Create("after", (string?)next)));
    }
}

/// <summary>The shape of what <see cref="TotalsWriter"/> writes, for the description.</summary>
internal sealed record TotalsAnswer(IReadOnlyList<TotalsAnswerRow> Rows, string? Next);

internal sealed record TotalsAnswerRow(
    string Site,
    string Period,
    DateOnly? Day,
    string? Tenant,
    string? Device,
    TotalsAnswerRate Rate,
    decimal EnergyKwh,
    decimal RegisterKwh,
    decimal IntegratedKwh,
    decimal EstimatedKwh,
    decimal? ManualKwh,
    decimal? Amount,
    string Currency,
    IReadOnlyList<string>? Unconfirmed,
    IReadOnlyList<string>? Reasons,
    bool? Provisional);

internal sealed record TotalsAnswerRate(string Code, decimal? PerKwh, string LegalRef);
