using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Service.Influx;

/// <summary>A device's windows, made again from its kept readings: the same windows as the first time.</summary>
internal static class KeptWindows
{
    /// <param name="keptBlocks">Looks up a device's blocks in the ledger.</param>
    /// <param name="from">A window's start.</param>
    /// <param name="to">A window's start, no later than what has settled.</param>
    /// <returns>Windows that start in <c>from ≤ start &lt; to</c>, in time order.</returns>
    public static IReadOnlyList<DeviceWindow> Of(
        TrackedDevice device, Func<int, Instant, IReadOnlyList<ReadingBlock>> keptBlocks, Instant from, Instant to)
    {
        DeviceMeter meter = device.Meter;
        ReadOnlySpan<Reading> settled = meter.Buffered().AsSpan(0, meter.SettledCount);
        MeterRun run = meter.Anchor;
        var sink = new WindowSink(from, to);
        // A window that is open where the buffer starts lies partly in a block, and its part in the anchor: no block is needed for it.
        bool inBuffer = meter.ArchivedThrough is not { } archived || archived < from || (run.Window.Readings > 0 && run.Window.Start <= from);
        if (!inBuffer && device.KeptFrom(from, keptBlocks(device.Id, from)) is { Count: > 0 } blocks)
        {
            run = blocks[0].Before;
            foreach (ReadingBlock block in blocks)
            {
                Apply(ref run, block.Readings, device.Context, ref sink);
            }
        }

        Apply(ref run, settled, device.Context, ref sink);
        run.Complete(ref sink);
        return sink.Windows;
    }

    private static void Apply(ref MeterRun run, ReadOnlySpan<Reading> readings, MeterContext context, ref WindowSink sink)
    {
        foreach (ref readonly Reading reading in readings)
        {
            run.Apply(reading, context, ref sink);
        }
    }

    private readonly struct WindowSink(Instant from, Instant to) : IDeviceSink
    {
        private readonly Instant _from = from;
        private readonly Instant _to = to;

        public List<DeviceWindow> Windows { get; } = [];

        public void Add(in DeviceWindow window)
        {
            if (window.Start >= _from && window.Start < _to)
            {
                Windows.Add(window);
            }
        }

        public void Add(DateOnly day, EnergyQuality quality, Energy energy)
        {
        }

        public void Add(in Gap gap)
        {
        }

        public void CoverGaps(Instant from)
        {
        }

        public void Add(in MeterEvent meterEvent)
        {
        }

        public void Restart(Instant foundAt)
        {
        }
    }
}
