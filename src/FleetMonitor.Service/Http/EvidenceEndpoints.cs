using System.Globalization;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Hosting;

namespace FleetMonitor.Service.Http;

/// <summary><c>/api/v1/evidence</c>: what is kept of the readings that the books rest on, and what was let go.</summary>
internal static class EvidenceEndpoints
{
    private const int PageRows = 100;
    private const int MostRows = 1_000;

    public static void MapEvidence(this IEndpointRouteBuilder routes) => routes
        .MapGet("/evidence", Answer)
        .WithQuery(new QueryParameter("limit", "Rows of what was let go, newest first, up to 1000; 100 where absent."))
        .WithSummary("Kept readings: how much they take of their disk budget, and what was let go by day and reason.").WithTags("service")
        .Produces<EvidenceAnswer>();

    private static IResult Answer(HttpRequest request, ServiceContext context)
    {
        var query = new QueryReader(request.Query);
        int limit = query.Number("limit", PageRows, 1, MostRows);
        if (query.Refusal is { } refusal)
        {
            return refusal;
        }

        using LedgerReader ledger = LedgerReader.Open(context.Engine.Ledger.Files);
        (long blocks, long bytes) = ledger.EvidenceSize();
        return TypedResults.Ok(new EvidenceAnswer(
            blocks,
            bytes,
            context.Settings.Ledger.MaxEvidence,
            context.Settings.Ledger.KeepReadings.TotalDays,
            context.Settings.Ledger.KeepHoursYears,
            [
                .. ledger.EvidenceDropped(limit).Select(dropped => new EvidenceDroppedAnswer(
                    dropped.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                    dropped.Reason,
                    dropped.Readings,
                    dropped.Bytes,
                    dropped.First.ToString(),
                    dropped.Last.ToString())),
            ]));
    }
}

/// <param name="BudgetBytes">Beyond it the oldest readings go, whatever their age.</param>
/// <param name="HoursYears">How long the hours of readings stay that were let go.</param>
internal sealed record EvidenceAnswer(
    long Blocks, long Bytes, long BudgetBytes, double KeepDays, int HoursYears, IReadOnlyList<EvidenceDroppedAnswer> Dropped);

/// <summary>What went on one day of UTC for one reason, <c>age</c> or <c>budget</c>; the oldest and the newest reading of it.</summary>
internal sealed record EvidenceDroppedAnswer(string Day, string Reason, long Readings, long Bytes, string First, string Last);
