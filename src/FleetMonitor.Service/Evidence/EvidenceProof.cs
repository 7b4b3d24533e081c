using System.Globalization;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Metering;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Service.Evidence;

/// <summary>What the ledger says of a device beside its readings: energy by local day, gaps and events.</summary>
internal sealed record DeviceBook(
    IReadOnlyDictionary<DateOnly, EnergyByQuality> Days, IReadOnlyCollection<Gap> Gaps, IReadOnlyCollection<MeterEvent> Events);

/// <summary>Proves a device's books from what is kept: the hours of readings that were let go, and the kept readings, metered again.</summary>
/// <param name="device">As its newest checkpoint has it.</param>
/// <param name="blocks">All of its kept blocks.</param>
/// <param name="hours">All of its hours, by local day.</param>
/// <param name="stand">Null where none of its readings were let go.</param>
internal sealed class EvidenceProof(
    TrackedDevice device,
    IReadOnlyList<ReadingBlock> blocks,
    IReadOnlyList<(DateOnly Day, IReadOnlyList<DeviceHour> Hours)> hours,
    HoursStand? stand)
{
    private readonly MeterRun _start = blocks.Count > 0 ? blocks[0].Before : device.Meter.Anchor;
    private readonly Reading[] _readings = [.. blocks.SelectMany(block => block.Readings), .. device.Meter.Buffered()[..device.Meter.SettledCount]];

    /// <summary>True where the evidence goes back to the device's first reading.</summary>
    public bool IsWhole => Since == DateOnly.MinValue;

    public bool StandIsMissing => stand is null && hours.Count > 0;

    /// <summary>The first day that is given whole; null where what an older version let go left no hours.</summary>
    private DateOnly? Since => stand?.Since ?? (_start == default ? DateOnly.MinValue : null);

    /// <summary>
    /// True where a gap or an event is only taken as it stands: it was found by readings that were let go, or at the door, by a message of the
    /// same time as another.
    /// </summary>
    private bool IsTaken(Instant foundAt) => _start != default && (_readings.Length == 0 || foundAt < _readings[0].At);

    public bool IsTaken(in Gap gap) => IsTaken(gap.FoundAt);

    public bool IsTaken(in MeterEvent meterEvent) => meterEvent.Kind == MeterEventKind.Conflict || IsTaken(meterEvent.At);

    /// <summary>The first thing in which the ledger differs from what the evidence gives; null where it differs in nothing.</summary>
    public string? Fault(DeviceBook book)
    {
        var days = hours.ToDictionary(day => day.Day, day => day.Hours.Aggregate(EnergyByQuality.Zero, (sum, hour) => sum + hour.Energy));
        var gaps = book.Gaps.Where(gap => IsTaken(gap)).ToDictionary(gap => (gap.From, gap.To));
        var events = book.Events.Where(meterEvent => IsTaken(meterEvent)).ToDictionary(meterEvent => (meterEvent.At, meterEvent.Kind));
        var sink = new ProofSink(days, gaps, events);
        MeterRun run = _start;
        foreach (ref readonly Reading reading in _readings.AsSpan())
        {
            run.Apply(reading, device.Context, ref sink);
        }

        return DayOff(book.Days, days) is { } day ? Invariant($" on {day:yyyy-MM-dd}: the books differ from its kept readings")
            : FirstOff(book.Gaps, gaps.Values, gap => gap.From) is { } gap ? Invariant($": the gap from {gap.From} to {gap.To} is not as its kept readings give it")
            : FirstOff(book.Events, events.Values, meterEvent => meterEvent.At) is { } off ? Invariant($": the event at {off.At} ({off.Kind}) is not as its kept readings give it")
            : null;
    }

    private DateOnly? DayOff(IReadOnlyDictionary<DateOnly, EnergyByQuality> books, Dictionary<DateOnly, EnergyByQuality> given)
    {
        // What was let go may have added to the day of the first reading that is left, and to none after it.
        DateOnly from = Since ?? (_readings.Length == 0 ? DateOnly.MaxValue : device.Context.Days.DateOf(_readings[0].At).AddDays(1));
        return books.Keys.Union(given.Keys).Where(day => day >= from).Order()
            .Where(day => books.GetValueOrDefault(day) != given.GetValueOrDefault(day)).Select(day => (DateOnly?)day).FirstOrDefault();
    }

    private static T? FirstOff<T>(IEnumerable<T> booked, IEnumerable<T> given, Func<T, Instant> when)
        where T : struct
    {
        var off = booked.ToHashSet();
        off.SymmetricExceptWith(given);
        return off.Count == 0 ? null : off.MinBy(when);
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
