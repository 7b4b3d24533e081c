using FleetMonitor.Fleet;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Service.Books;
using FleetMonitor.Service.Hosting;

namespace FleetMonitor.Service.Http;

/// <summary><c>/api/v1/reconciliation</c>: what the control meters counted against what the devices add up to, by local day.</summary>
internal static class ReconciliationEndpoints
{
    public static void MapReconciliation(this IEndpointRouteBuilder routes) => routes
        .MapGet("/reconciliation", AnswerAsync)
        .WithQuery(
            new QueryParameter("site", "Only this site."),
            new QueryParameter("from", "First local day; the first of the running tax period where absent."),
            new QueryParameter("to", "The day after the last local day."))
        .WithSummary("Control meters against the sum of devices, by site and local day.").WithTags("levy")
        .Produces<ReconciliationAnswer>();

    private static async Task<IResult> AnswerAsync(HttpRequest request, ServiceContext context)
    {
        var query = new QueryReader(request.Query);
        string? site = query.Text("site");
        DateOnly? from = query.Date("from");
        DateOnly? to = query.Date("to");
        if (query.Refusal is { } refusal)
        {
            return refusal;
        }

        var now = Fleet.Units.Instant.From(context.Time.GetUtcNow());
        using BooksView books = await context.OpenBooksAsync();
        var rows = new List<ReconciliationRow>();
        foreach (Site known in books.Fleet.Sites.Values.Where(known => site is null || known.Id == site).OrderBy(known => known.Id, NaturalOrder.Instance))
        {
            DateOnly first = from ?? TaxPeriod.Of(DayCalendar.Of(known.TimeZone).DateOf(now)).FirstDay;
            bool metered = known.Devices.Values.Any(device => device.Role == DeviceRole.ControlMeter);
            rows.AddRange(books.SiteDays(first, to, known.Id).GroupBy(day => day.Day).OrderBy(day => day.Key)
                .Select(day => ReconciliationRow.Of(known.Id, day.Key, metered ? Sum(day, BillingClass.ControlMeter) : null, Sum(day, BillingClass.Metered))));
        }

        return TypedResults.Ok(new ReconciliationAnswer(rows));
    }

    private static decimal Sum(IEnumerable<SiteDay> days, BillingClass @class) => days.Where(day => day.Class == @class)
        .Aggregate(EnergyByQuality.Zero, (sum, day) => sum + day.Energy).Total.KilowattHours;
}

internal sealed record ReconciliationAnswer(IReadOnlyList<ReconciliationRow> Rows);

/// <param name="ControlMeterKwh">Null where the site has no control meter.</param>
/// <param name="DevicesKwh">Of devices that no other one feeds.</param>
/// <param name="DifferenceKwh">Control meter less devices: losses, cooling, and what nobody meters.</param>
/// <param name="DifferenceShare">Of what the control meter counted, to six decimals.</param>
internal sealed record ReconciliationRow(
    string Site, DateOnly Day, decimal? ControlMeterKwh, decimal DevicesKwh, decimal? DifferenceKwh, decimal? DifferenceShare)
{
    public static ReconciliationRow Of(string site, DateOnly day, decimal? control, decimal devices) => new(
        site, day, control, devices, control - devices, control is null or 0m ? null : decimal.Round((control.Value - devices) / control.Value, 6));
}
