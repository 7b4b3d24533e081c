using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Simulation.Model;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Simulation.Metering;

/// <summary>One device under the real meter, driven as a shard drives it, but with its choices of when to do what left to chance.</summary>
internal sealed class MeteredDevice(MeterContext context)
{
    private readonly List<ReadingBlock> _blocks = [];
    private BookKeeper _books = new();
    private DeviceMeter _meter = new();

    public static MeteredDevice For(ModelInput input) => new(new MeterContext(
        new MeteringOptions
        {
            MaxGap = input.Options.MaxGap,
            MaxEstimate = input.Options.MaxEstimate,
            MaxDevicePower = input.Options.MaxDevicePower,
            GapPolicy = input.Options.GapPolicy switch
            {
                ModelGapPolicy.Open => GapPolicy.Open,
                ModelGapPolicy.Interpolate => GapPolicy.Interpolate,
                ModelGapPolicy.Hold => GapPolicy.Hold,
                _ => throw new ArgumentOutOfRangeException(nameof(input)),
            },
        },
        new MeterLimits(input.Limits.MaxPower, input.Limits.DisplayStep, input.Limits.Modulus),
        DayCalendar.Of(input.Zone)));

    /// <summary>The books as they stand: what is settled, and what the rest adds.</summary>
    public ModelBooks Books
    {
        get
        {
            BookKeeper preview = _books.Copy();
            _meter.Preview(context, ref preview);
            return preview.Close();
        }
    }

    /// <summary>Takes a batch, and afterwards the readings of it that turn out to be older than the buffer.</summary>
    public void Take(IReadOnlyList<Reading> batch)
    {
        List<Reading> late = [];
        foreach (Reading reading in batch)
        {
            if (_meter.Admit(reading, context, ref _books) == Admission.NeedsHistory)
            {
                late.Add(reading);
            }
        }

        if (late.Count > 0)
        {
            Instant oldest = late.Min(reading => reading.At);
            int first = Math.Max(0, _blocks.FindLastIndex(block => block.Readings[0].At <= oldest));
            IReadOnlyList<ReadingBlock> replaced =
                _meter.Remeter([.. late], _blocks[first..], _blocks[first].Readings.Length, context, ref _books);
            _blocks.RemoveRange(first, _blocks.Count - first);
            _blocks.AddRange(replaced);
        }
    }

    /// <summary>What a shard does between batches, and what a restart does.</summary>
    public void KeepHouse(Random random)
    {
        if (_meter.Newest is { } newest)
        {
            Instant upTo = newest.At.Minus(TimeSpan.FromMilliseconds(random.Next(4) switch { 0 => 0, 1 => 1, 2 => 60_000, _ => 3_600_000 }));
            _meter.Settle(upTo, context, ref _books);
            if (random.Next(2) == 0)
            {
                _meter.CompleteWindow(upTo, context, ref _books);
            }
        }

        if (random.Next(2) == 0 && _meter.Archive(random.Next(1, 5)) is { } block)
        {
            _blocks.Add(block);
        }

        if (random.Next(4) == 0)
        {
            _meter = DeviceMeter.Restore(
                _meter.Anchor, _meter.Buffered.ToArray(), _meter.SettledCount, _meter.ArchivedThrough, context);
        }
    }

    /// <summary>Settles all there is and completes the last window; the windows then stand for the whole set.</summary>
    public IReadOnlyList<DeviceWindow> Finish()
    {
        Instant end = new(DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
        _meter.Settle(end, context, ref _books);
        _meter.CompleteWindow(end, context, ref _books);
        return _books.Windows;
    }
}
