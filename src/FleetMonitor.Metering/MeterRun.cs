using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Metering;

/// <summary>What a device is metered by: the site's rules, the register's limits and the site's calendar.</summary>
public sealed record MeterContext(MeteringOptions Options, MeterLimits Limits, DayCalendar Days);

/// <summary>Takes what metering finds out, and the windows it completes. A class, or a small struct around one: it may be copied.</summary>
public interface IDeviceSink : IMeterSink
{
    void Add(in DeviceWindow window);

    /// <summary>
    /// What was found by readings at or after <paramref name="foundAt"/> is about to be found again: gaps and register events from there on are
    /// void. (Energy is taken back piece by piece.)
    /// </summary>
    void Restart(Instant foundAt);
}

/// <summary>Which parts of a <see cref="MeterRun"/> mean something. Runs are stored with it: a number keeps its meaning.</summary>
[Flags]
public enum MeterRunParts : byte
{
    Power = 1,
    Register = 2,
    TailGap = 4,
    Tail = 8,
    Window = 16,
    WindowTemperature = 32,
    WindowHandedOver = 64,
    WindowRegister = 128,
}

/// <summary>Where a device's metering stands: a value from which the readings that follow give the same energy and windows again.</summary>
public record struct MeterRun
{
    public MeterState Meter;
    public DeviceWindow Window;

    /// <summary>What of it is worth keeping.</summary>
    public readonly MeterRunParts Parts =>
        (Meter.HasPower ? MeterRunParts.Power : 0) | (Meter.HasRegister ? MeterRunParts.Register : 0)
        | (Meter.TailHasGap ? MeterRunParts.TailGap : 0) | (Meter.Tail is { Length: > 0 } ? MeterRunParts.Tail : 0)
        | (Window.Readings > 0 ? MeterRunParts.Window : 0) | (Window.HasTemperature ? MeterRunParts.WindowTemperature : 0)
        | (Window.HandedOver ? MeterRunParts.WindowHandedOver : 0) | (Window.HasRegister ? MeterRunParts.WindowRegister : 0);

    /// <summary>Takes one reading, later than all before it.</summary>
    public void Apply<TSink>(in Reading reading, MeterContext context, ref TSink sink)
        where TSink : IDeviceSink
    {
        Instant start = DeviceWindow.StartOf(reading.At, context.Options.Window);
        if (Window.Start != start || Window.Readings == 0)
        {
            Complete(ref sink);
            Window.Start = start;
        }

        var counting = new CountingSink<TSink>(sink);
        Meter.Apply(reading, context, ref counting);
        Window.Energy += counting.Energy;
        Window.Estimated += counting.Estimated;
        Window.Observe(reading);
    }

    /// <summary>Hands over the open window, if any.</summary>
    public void Complete<TSink>(ref TSink sink)
        where TSink : IDeviceSink
    {
        if (Window.Readings > 0 && !Window.HandedOver)
        {
            sink.Add(Window);
        }

        Window = default;
    }

    /// <summary>Passes everything on, and sums up what one reading did to the device's total.</summary>
    private struct CountingSink<TSink>(TSink inner) : IMeterSink
        where TSink : IDeviceSink
    {
        private readonly TSink _inner = inner;

        public long Energy { get; private set; }

        public long Estimated { get; private set; }

        public void Add(DateOnly day, EnergyQuality quality, Energy energy)
        {
            Energy += energy.MicrowattHours;
            if (quality == EnergyQuality.Estimated)
            {
                Estimated += energy.MicrowattHours;
            }

            _inner.Add(day, quality, energy);
        }

        public readonly void Add(in Gap gap) => _inner.Add(gap);

        public readonly void CoverGaps(Instant from) => _inner.CoverGaps(from);

        public readonly void Add(in MeterEvent meterEvent) => _inner.Add(meterEvent);
    }
}
