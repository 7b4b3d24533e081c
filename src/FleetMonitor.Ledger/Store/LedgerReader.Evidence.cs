using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;

namespace FleetMonitor.Ledger.Store;

/// <summary>Kept readings that were let go on one day (of UTC), for one reason: <c>age</c> or <c>budget</c>.</summary>
/// <param name="First">The oldest reading's time; <paramref name="Last"/> the newest's.</param>
public sealed record EvidenceDropped(DateOnly Day, string Reason, long Readings, long Bytes, Instant First, Instant Last);

public sealed partial class LedgerReader
{
    private static readonly int Epoch = new DateOnly(1970, 1, 1).DayNumber;

    /// <summary>How many blocks of readings are kept, and how many bytes they take.</summary>
    public (long Blocks, long Bytes) EvidenceSize() =>
        Query(row => (row.GetInt64(0), row.GetInt64(1)), "SELECT blocks, bytes FROM evidence_size").Single();

    /// <summary>What was let go, newest day first.</summary>
    public IEnumerable<EvidenceDropped> EvidenceDropped() => Query(
        row => new EvidenceDropped(
            DateOnly.FromDayNumber(Epoch + row.GetInt32(0)),
            row.GetString(1),
            row.GetInt64(2),
            row.GetInt64(3),
            new Instant(row.GetInt64(4)),
            new Instant(row.GetInt64(5))),
        "SELECT day, reason, readings, bytes, first, last FROM evidence_dropped ORDER BY day DESC, reason");

    /// <summary>How many readings were ever let go, by reason.</summary>
    public IReadOnlyDictionary<string, long> EvidenceDroppedCounts() =>
        Query(row => (row.GetString(0), row.GetInt64(1)), "SELECT reason, sum(readings) FROM evidence_dropped GROUP BY reason ORDER BY reason")
            .ToDictionary(count => count.Item1, count => count.Item2);

    /// <summary>Devices that have a block which ended before an instant: no more than <paramref name="most"/>.</summary>
    public IReadOnlyList<int> DevicesWithBlocksBefore(Instant before, int most) =>
        [.. Query(row => row.GetInt32(0), "SELECT device FROM evidence WHERE last < $1", before.UnixMilliseconds).Distinct().Take(most)];

    /// <summary>When the oldest kept block ended; null where none is kept.</summary>
    public Instant? OldestBlockEnd() => Query(
        row => row.IsDBNull(0) ? (Instant?)null : new Instant(row.GetInt64(0)), "SELECT min(last) FROM evidence").Single();

    public HoursStand? HoursStand(int device) => EvidenceQueries.HoursStand(_connection, device);

    /// <summary>What stays of a device's readings that were let go: local days <c>from ≤ day &lt; to</c>.</summary>
    public IReadOnlyList<(DateOnly Day, IReadOnlyList<DeviceHour> Hours)> Hours(int device, DateOnly from, DateOnly to) =>
        EvidenceQueries.Hours(_connection, device, from, to);
}
