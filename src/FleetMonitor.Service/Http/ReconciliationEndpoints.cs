using FleetMonitor.Levy;

namespace FleetMonitor.Service.Http;

/// <summary><c>/api/v1/reconciliation</c>: what the control meters counted against what the devices add up to, by local day.</summary>
internal static class ReconciliationEndpoints
{
    private static readonly CsvTable<ReconciliationRow> Table = new CsvTable<ReconciliationRow>()
        .Text("site", row => row.Site).Day("day", row => row.Day)
        .Number("controlMeterKwh", row => row.ControlMeterKwh).Number("devicesKwh", row => row.DevicesKwh)
        .Number("differenceKwh", row => row.DifferenceKwh).Number("differenceShare", row => row.DifferenceShare);

    public static void MapReconciliation(this IEndpointRouteBuilder routes) => routes
        .MapGet("/reconciliation", AnswerAsync)
        .WithQuery(Paging.Parameters(
            new QueryParameter("site", "Only this site."),
            new QueryParameter("from", "First local day; the first of the running tax period where absent."),
            new QueryParameter("to", "The day after the last local day.")))
        .WithSummary("Control meters against the sum of devices, by site and local day.").WithTags("levy")
        .ProducesList<ReconciliationAnswer>(Table.Columns);

    private static async Task<IResult> AnswerAsync(HttpRequest request, LevyView levy)
    {
        var query = new QueryReader(request.Query);
        string? site = query.Text("site");
        DateOnly? from = query.Date("from");
        DateOnly? to = query.Date("to");
        Paging paging = Paging.Of(query);
        if (query.Refusal is { } refusal)
        {
            return refusal;
        }

        LevyNow now = await levy.NowAsync();
        IEnumerable<SiteDay> days = now.Days.Where(day => (site is null || day.Site == site)
            && day.Day >= (from ?? now.Sites.GetValueOrDefault(day.Site)?.Period.FirstDay ?? DateOnly.MinValue)
            && (to is null || day.Day < to));
        return paging.Page(query, [.. Reconciliation.Of(days).Select(ReconciliationRow.Of)], row => $"{row.Site}/{row.Day:O}") is not { } page
            ? query.Refusal!
            : ListAnswers.Of(new ReconciliationAnswer(page.Rows, page.Next), Table, page.Rows, page.Next);
    }
}

internal sealed record ReconciliationAnswer(IReadOnlyList<ReconciliationRow> Rows, string? Next);

/// <param name="ControlMeterKwh">Null where no control meter has books on that day.</param>
/// <param name="DevicesKwh">Of devices that no other one feeds.</param>
/// <param name="DifferenceKwh">Control meters less devices: losses, cooling, and what nobody reports.</param>
/// <param name="DifferenceShare">Of what the control meters counted, to six decimals.</param>
internal sealed record ReconciliationRow(
    string Site, DateOnly Day, decimal? ControlMeterKwh, decimal DevicesKwh, decimal? DifferenceKwh, decimal? DifferenceShare)
{
    public static ReconciliationRow Of(ReconciliationDay day) => new(
        day.Site,
        day.Day,
        day.Control?.KilowattHours,
        day.Devices.KilowattHours,
        day.Difference?.KilowattHours,
        day.Control is { MicrowattHours: > 0 } control ? decimal.Round(day.Difference!.Value.KilowattHours / control.KilowattHours, 6) : null);
}
