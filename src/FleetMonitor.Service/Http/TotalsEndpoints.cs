using FleetMonitor.Levy;
using FleetMonitor.Service.Books;
using FleetMonitor.Service.Hosting;

namespace FleetMonitor.Service.Http;

/// <summary><c>/api/v1/levy/totals</c>: the rows that <c>levy totals</c> prints, as JSON or CSV.</summary>
internal static class TotalsEndpoints
{
    /// <summary>So many that a fleet by device fits on one page; a client that asks for more by day as well has to turn pages.</summary>
    private const int MostRows = 100_000;

    public static void MapTotals(this IEndpointRouteBuilder routes) => routes
        .MapGet("/levy/totals", AnswerAsync)
        .WithQuery(Paging.Parameters(
            MostRows,
            new QueryParameter("site", "Only this site."),
            new QueryParameter("from", "First local day, such as 2026-10-01."),
            new QueryParameter("to", "The day after the last local day."),
            new QueryParameter("group", "What rows are split by, beside site, period and rate: device,tenant,day.")))
        .WithSummary("Accrued totals over local dates: energy by quality, rate and amount.").WithTags("levy")
        .ProducesList<TotalsAnswer>("the columns that levy totals prints");

    private static async Task<IResult> AnswerAsync(HttpRequest request, ServiceContext context)
    {
        var reader = new QueryReader(request.Query);
        string? site = reader.Text("site");
        var query = new TotalsQuery { From = reader.Date("from"), To = reader.Date("to"), Group = reader.Group("group") };
        Paging paging = Paging.Of(reader, MostRows);
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
            // Where sites register themselves, one that is not there may be on its way.
            if (site is not null && books.Fleet.HasFile && !books.KnownSites.Contains(site))
            {
                return PeriodEndpoints.NoSuchSite(site);
            }

            rows = await Task.Run(() => books.Totals(query, site));
        }

        return paging.Page(reader, rows, PlaceOf) is not { } page
            ? reader.Refusal!
            : new ListAnswer(
                new Written(json => TotalsWriter.WriteJson(json, page.Rows, query.Group, page.Next)),
                csv => TotalsWriter.WriteCsv(csv, page.Rows, query.Group),
                page.Next);
    }

    /// <summary>What no other row of the same query has; ids hold no line feeds.</summary>
    private static string PlaceOf(TotalsRow row) => string.Join(
        '\n', row.Site, row.Period, row.Day?.ToString("O"), row.Tenant, row.Device, row.RateCode, row.PerKwh?.ToString("G29"));
}

/// <summary>The shape of what <see cref="TotalsWriter"/> writes, for the description.</summary>
internal sealed record TotalsAnswer(IReadOnlyList<TotalsAnswerRow> Rows, string? Next);

/// <param name="ManualKwh">The part that was entered by hand; only where something was.</param>
/// <param name="Day">Where rows are split by day; likewise the tenant and the device.</param>
/// <param name="Unconfirmed">Facts that nobody has stated yet, where there are any.</param>
/// <param name="Reasons">Why the energy is unrated, where it is.</param>
/// <param name="Provisional">True where the rate is an average price that is not final before the period ends.</param>
internal sealed record TotalsAnswerRow(
    string Site,
    string Period,
    TotalsAnswerRate Rate,
    decimal EnergyKwh,
    decimal RegisterKwh,
    decimal IntegratedKwh,
    decimal EstimatedKwh,
    decimal? Amount,
    string Currency,
    decimal? ManualKwh = null,
    DateOnly? Day = null,
    string? Tenant = null,
    string? Device = null,
    IReadOnlyList<string>? Unconfirmed = null,
    IReadOnlyList<string>? Reasons = null,
    bool? Provisional = null);

internal sealed record TotalsAnswerRate(string Code, decimal? PerKwh, string LegalRef);
