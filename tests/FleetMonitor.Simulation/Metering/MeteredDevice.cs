using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Simulation.Model;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Simulation.Metering;

/// <summary>One device under the real meter, driven as a shard drives it, but with its choices of when to do what left to chance.</summary>
internal sealed class MeteredDevice
{
    private readonly int _blockSize;
    private MeterContext _context;
    private readonly List<ReadingBlock> _blocks = [];
    private BookKeeper _books = new();
    private readonly DeviceMeter _meter = new(new ReadingPages());

    /// <param name="rules">What it is metered by: all but the readings.</param>
    /// <param name="blockSize">Readings in a kept block.</param>
    public MeteredDevice(ModelInput rules, int blockSize)
    {
        _context = ContextOf(rules);
        _blockSize = blockSize;
    }

    /// <summary>The books as they stand: what is settled, and what the rest adds.</summary>
    public ModelBooks Books
    {
        get
        {
            BookKeeper preview = _books.Copy();
            _meter.Preview(_context, ref preview);
            return preview.Close();
        }
    }

    /// <summary>Takes a batch, and afterwards the readings of it that turn out to be older than the buffer.</summary>
    public void Take(IReadOnlyList<Reading> batch)
    {
        List<Reading> late = [];
        foreach (Reading reading in batch)
        {
            if (_meter.Admit(reading, _context, ref _books) == Admission.NeedsHistory)
            {
                late.Add(reading);
            }
        }

        if (late.Count > 0)
        {
            Instant oldest = late.Min(reading => reading.At);
            MeterAgain(late, Math.Max(0, _blocks.FindLastIndex(block => block.Readings[0].At <= oldest)), _context);
        }
    }

    /// <summary>The fleet file or the options changed: what is kept is metered again by the new rules.</summary>
    public void ChangeRules(ModelInput rules)
    {
        MeterContext becomes = ContextOf(rules);
        MeterAgain([], 0, becomes);
        _context = becomes;
    }

    /// <summary>What a shard does between batches, and what a restart does.</summary>
    public void KeepHouse(Random random)
    {
        if (_meter.NewestAt is { } newest)
        {
            Instant upTo = newest.Minus(TimeSpan.FromMilliseconds(random.Next(4) switch { 0 => 0, 1 => 1, 2 => 60_000, _ => 3_600_000 }));
            _meter.Settle(upTo, _context, ref _books);
            if (random.Next(2) == 0)
            {
                _meter.CompleteWindow(upTo, _context, ref _books);
            }
        }

        if (random.Next(2) == 0)
        {
            _meter.Pack();
        }

        if (random.Next(2) == 0)
        {
            _blocks.AddRange(_meter.Archive(_blockSize, _blockSize + random.Next(3), _context));
        }

        if (random.Next(4) == 0)
        {
            _meter.Restore(
                _meter.Anchor, _meter.Buffered(), _meter.SettledCount, _meter.ArchivedThrough, _context);
        }
    }

    /// <summary>Settles all there is and completes the last window; the windows then stand for the whole set.</summary>
    public IReadOnlyList<DeviceWindow> Finish()
    {
        Instant end = new(DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
        _meter.Settle(end, _context, ref _books);
        _meter.CompleteWindow(end, _context, ref _books);
        return _books.Windows;
    }

    private void MeterAgain(List<Reading> late, int firstBlock, MeterContext becomes)
    {
        IReadOnlyList<ReadingBlock> replaced =
            _meter.Remeter([.. late], _blocks[firstBlock..], _blockSize, _context, becomes, ref _books);
        _blocks.RemoveRange(firstBlock, _blocks.Count - firstBlock);
        _blocks.AddRange(replaced);
    }

    private static MeterContext ContextOf(ModelInput rules) => new(
        new MeteringOptions
        {
            MaxGap = rules.Options.MaxGap,
            MaxEstimate = rules.Options.MaxEstimate,
            MaxDevicePower = rules.Options.MaxDevicePower,
            GapPolicy = rules.Options.GapPolicy switch
            {
                ModelGapPolicy.Open => GapPolicy.Open,
                ModelGapPolicy.Interpolate => GapPolicy.Interpolate,
                ModelGapPolicy.Hold => GapPolicy.Hold,
                _ => throw new ArgumentOutOfRangeException(nameof(rules)),
            },
        },
        new MeterLimits(rules.Limits.MaxPower, rules.Limits.DisplayStep, rules.Limits.Modulus),
        DayCalendar.Of(rules.Zone));
}
