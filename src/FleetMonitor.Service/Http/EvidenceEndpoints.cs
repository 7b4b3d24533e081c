using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Hosting;

namespace FleetMonitor.Service.Http;

/// <summary><c>/api/v1/evidence</c>: what is kept of the readings that the books rest on, and what was let go.</summary>
internal static class EvidenceEndpoints
{
    private static readonly CsvTable<EvidenceDroppedAnswer> Table = new CsvTable<EvidenceDroppedAnswer>()
        .Day("day", row => row.Day).Text("reason", row => row.Reason).Number("readings", row => row.Readings).Number("bytes", row => row.Bytes)
        .Time("first", row => row.First).Time("last", row => row.Last);

    public static void MapEvidence(this IEndpointRouteBuilder routes) => routes
        .MapGet("/evidence", Answer)
        .WithQuery(Paging.Parameters())
        .WithSummary("Kept readings: how much they take of their disk budget, and what was let go by day and reason, newest first.").WithTags("service")
        .ProducesList<EvidenceAnswer>(Table.Columns);

    private static IResult Answer(HttpRequest request, ServiceContext context)
    {
        var query = new QueryReader(request.Query);
        Paging paging = Paging.Of(query);
        if (query.Refusal is { } refusal)
        {
            return refusal;
        }

        using LedgerReader ledger = LedgerReader.Open(context.Engine.Ledger.Files);
        (long blocks, long bytes) = ledger.EvidenceSize();
        EvidenceDroppedAnswer[] dropped = [.. ledger.EvidenceDropped().Select(EvidenceDroppedAnswer.Of)];
        if (paging.Page(query, dropped, row => $"{row.Day:O}/{row.Reason}") is not { } page)
        {
            return query.Refusal!;
        }

        var answer = new EvidenceAnswer(
            blocks,
            bytes,
            context.Settings.Ledger.MaxEvidence,
            context.Settings.Ledger.KeepReadings.TotalDays,
            context.Settings.Ledger.KeepHoursYears,
            page.Rows,
            page.Next);
        return ListAnswers.Of(answer, Table, page.Rows, page.Next);
    }
}

/// <param name="BudgetBytes">Beyond it the oldest readings go, whatever their age.</param>
/// <param name="HoursYears">How long the hours of readings stay that were let go.</param>
internal sealed record EvidenceAnswer(
    long Blocks, long Bytes, long BudgetBytes, double KeepDays, int HoursYears, IReadOnlyList<EvidenceDroppedAnswer> Dropped, string? Next);

/// <summary>What went on one day of UTC for one reason, <c>age</c> or <c>budget</c>; the oldest and the newest reading of it.</summary>
internal sealed record EvidenceDroppedAnswer(DateOnly Day, string Reason, long Readings, long Bytes, Instant First, Instant Last)
{
    public static EvidenceDroppedAnswer Of(EvidenceDropped row) => new(row.Day, row.Reason, row.Readings, row.Bytes, row.First, row.Last);
}
