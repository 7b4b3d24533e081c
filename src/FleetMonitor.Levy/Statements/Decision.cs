using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Levy;

/// <summary>What a named person decided and a line's energy or money rests on: one posting made by hand.</summary>
/// <param name="Posting">Its number in the chain.</param>
/// <param name="BookedAt">When it was posted.</param>
/// <param name="Day">The local day of consumption, or of turnover.</param>
/// <param name="Device">Null for what concerns the site as a whole.</param>
/// <param name="Energy">Zero where an amount was decided.</param>
/// <param name="Amount">Turnover, or a change of the charge itself; null where energy was decided.</param>
public sealed record Decision(
    long Posting, Instant BookedAt, DateOnly Day, string? Device, Energy Energy, Money? Amount, string By, string Reason)
{
    public static Decision Of(Posting posting) => new(
        posting.Seq,
        posting.PostedAt,
        posting.Entry.Day,
        posting.Entry.Device,
        posting.Entry.Energy.Total,
        posting.Entry.Amount,
        posting.Entry.By ?? string.Empty,
        posting.Entry.Reason ?? string.Empty);

    /// <summary>The names, each once, as a line shows them.</summary>
    public static string Names(IEnumerable<Decision> decisions) => string.Join(", ", decisions.Select(decision => decision.By).Distinct());
}
