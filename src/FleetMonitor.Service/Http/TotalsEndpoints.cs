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
        if (query is { From: { } from, To: { } to } && to <= from)
        {
            reader.Wrong("to", "write a day after from: it is the day after the last one wanted");
        }

        if (reader.Refusal is { } refusal)
        {
            return refusal;
        }

        IReadOnlyList<TotalsRow> rows;
        using (BooksView books = await context.OpenBooksAsync())
        {
            // Where sites register themselves, one that is not there may be on its way.
            if (site is not null && books.Fleet.HasFile && !books.KnownSites.Contains(site))
            {
                return PeriodEndpoints.NoSuchSite(site);
            }

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
        if (!WantsCsv(request))
        {
            return new Written(json => TotalsWriter.WriteJson(json, page, query.Group, next));
        }

        using var csv = new StringWriter(System.Globalization.CultureInfo.InvariantCulture);
        TotalsWriter.WriteCsv(csv, page, query.Group);
        return new CsvAnswer(csv.ToString(), next);
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
    decimal? Amount,
    string Currency,
    IReadOnlyList<string>? Unconfirmed,
    IReadOnlyList<string>? Reasons,
    bool? Provisional);

internal sealed record TotalsAnswerRate(string Code, decimal? PerKwh, string LegalRef);
