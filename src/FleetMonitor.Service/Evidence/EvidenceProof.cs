using FleetMonitor.Ledger;
using FleetMonitor.Metering;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Service.Evidence;

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

    /// <summary>True where the evidence goes back to the device's first reading.</summary>
    public bool IsWhole => Since == DateOnly.MinValue;

    public bool StandIsMissing => stand is null && hours.Count > 0;

    /// <summary>The first day that is given whole; null where what an older version let go left no hours.</summary>
    private DateOnly? Since => stand?.Since ?? (_start == default ? DateOnly.MinValue : null);

    /// <summary>The first day on which the evidence does not give the books; null where it does.</summary>
    public DateOnly? Difference(IReadOnlyDictionary<DateOnly, EnergyByQuality> books)
    {
        var sink = new PreviewSink(hours.ToDictionary(
            day => day.Day, day => day.Hours.Aggregate(EnergyByQuality.Zero, (sum, hour) => sum + hour.Energy)));
        Reading[] readings = [.. blocks.SelectMany(block => block.Readings), .. device.Meter.Buffered()[..device.Meter.SettledCount]];
        MeterRun run = _start;
        foreach (ref readonly Reading reading in readings.AsSpan())
        {
            run.Apply(reading, device.Context, ref sink);
        }

        // What was let go may have added to the day of the first reading that is left, and to none after it.
        DateOnly from = Since ?? (readings.Length == 0 ? DateOnly.MaxValue : device.Context.Days.DateOf(readings[0].At).AddDays(1));
        foreach (DateOnly day in books.Keys.Union(sink.Days.Keys).Where(day => day >= from).Order())
        {
            if (books.GetValueOrDefault(day) != sink.Days.GetValueOrDefault(day))
            {
                return day;
            }
        }

        return null;
    }
}
