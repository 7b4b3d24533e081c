using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Metering;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Service.Evidence;

/// <summary>
/// Lets a device's oldest kept readings go, and leaves their hours behind: metered by the same rules, split by the hour in place of the day.
/// <code>
///   hours │ let go now ──▶ hours │ kept blocks │ buffer
///         ▲ stand                ▲ new stand
/// </code>
/// Hours that were let go and what is kept always sum to the books: energy that a later register reading takes back is taken from the hours
/// that it was in.
/// </summary>
internal static class EvidenceRoll
{
    public const string Age = "age";
    public const string Budget = "budget";

    /// <param name="before">Blocks that ended before it go.</param>
    /// <returns>Null where none did, or where some of them are about to be replaced: the next time will do.</returns>
    public static EvidenceLetGo? Of(TrackedDevice device, ILedger ledger, Instant before, string reason)
    {
        if (device.WaitingFrom is { } waiting && waiting < before)
        {
            return null;
        }

        IReadOnlyList<ReadingBlock> blocks = ledger.BlocksUntil(device.Id, before);
        if (blocks.Count == 0)
        {
            return null;
        }

        HoursStand stand = ledger.HoursStand(device.Id) ?? First(device, blocks[0]);
        MeterRun run = stand.Run;
        MeterContext context = device.Context with { Days = HourCalendar.Of(device.Context.Days) };
        var sink = new PreviewSink(new Dictionary<DateOnly, EnergyByQuality>());
        var registers = new Dictionary<DateOnly, (Instant At, Energy Register)>();
        foreach (Reading reading in blocks.SelectMany(block => block.Readings))
        {
            run.Apply(reading, context, ref sink);
            if (reading.HasRegister)
            {
                registers[context.Days.DateOf(reading.At)] = (reading.At, reading.Register);
            }
        }

        var hours = new Dictionary<DateOnly, IReadOnlyList<DeviceHour>>();
        foreach (IGrouping<DateOnly, DateOnly> day in sink.Days.Keys.Union(registers.Keys).GroupBy(hour => HourCalendar.HourOf(hour).Day))
        {
            hours.Add(day.Key, Merged(ledger.HoursOf(device.Id, day.Key), day, sink.Days, registers));
        }

        return new EvidenceLetGo(
            device.Id,
            before,
            reason,
            blocks.Sum(block => (long)block.Readings.Length),
            blocks[0].Readings[0].At,
            blocks[^1].Readings[^1].At,
            stand with { Run = run },
            hours);
    }

    /// <summary>
    /// Where the hours begin. What an older version let go left no hours: then the day of the first reading is not whole, and energy that
    /// stands in no hour is not taken back from one.
    /// </summary>
    private static HoursStand First(TrackedDevice device, ReadingBlock first)
    {
        if (first.Before == default)
        {
            return new HoursStand(DateOnly.MinValue, default);
        }

        MeterRun run = first.Before;
        run.Meter.Tail = null;
        run.Meter.TailHasGap = false;
        run.Window = default;
        return new HoursStand(device.Context.Days.DateOf(first.Readings[0].At).AddDays(1), run);
    }

    private static DeviceHour[] Merged(
        IReadOnlyList<DeviceHour> known,
        IEnumerable<DateOnly> changed,
        Dictionary<DateOnly, EnergyByQuality> energies,
        Dictionary<DateOnly, (Instant At, Energy Register)> registers)
    {
        var hours = known.ToDictionary(hour => hour.Hour);
        foreach (DateOnly number in changed)
        {
            int hour = HourCalendar.HourOf(number).Hour;
            DeviceHour was = hours.GetValueOrDefault(hour) with { Hour = hour };
            DeviceHour now = was with { Energy = was.Energy + energies.GetValueOrDefault(number) };
            hours[hour] = registers.TryGetValue(number, out (Instant At, Energy Register) read)
                ? now with { RegisterAt = read.At, Register = read.Register }
                : now;
        }

        return [.. hours.Values.OrderBy(hour => hour.Hour)];
    }
}
