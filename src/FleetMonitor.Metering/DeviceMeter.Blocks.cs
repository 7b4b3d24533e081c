using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Metering;

/// <summary>How readings at hand become kept blocks, and how kept blocks are metered again.</summary>
public partial class DeviceMeter
{
    /// <summary>Moves settled readings out of the buffer into blocks, the oldest first, while there are enough for one.</summary>
    /// <param name="atLeast">How many are enough; one or more.</param>
    /// <param name="atMost">Where there are more, they are for the next block.</param>
    public IReadOnlyList<ReadingBlock> Archive(int atLeast, int atMost, MeterContext context)
    {
        int count = 0;
        while (SettledCount - count >= atLeast)
        {
            count += Math.Min(SettledCount - count, atMost);
        }

        if (count == 0)
        {
            return [];
        }

        bool isAll = count == SettledCount;
        var blocks = new List<ReadingBlock>();
        MeterRun stand = Anchor;
        for (ReadOnlySpan<Reading> taken = TakeOut(count); !taken.IsEmpty; taken = taken[blocks[^1].Readings.Length..])
        {
            blocks.Add(new ReadingBlock(stand, taken[..Math.Min(taken.Length, atMost)].ToArray()));
            stand = isAll && blocks[^1].Readings.Length == taken.Length ? Settled : After(blocks[^1], context);
        }

        // Where metering stands there is one thing, what was told of it another: metered again from there, the window is told again.
        stand.Window.HandedOver = false;
        _anchor.Put(stand, Pages);
        _archivedThrough = blocks[^1].Readings[^1].At;
        return blocks;
    }

    /// <summary>
    /// Takes readings that are older than the buffer (S8), or rules that have changed: meters again from the first of the given blocks, and
    /// tells the sink the difference.
    /// </summary>
    /// <param name="late">In any order; none where only the rules have changed.</param>
    /// <param name="blocks">The kept blocks to start from, up to the newest, in time order; none where nothing was ever archived.</param>
    /// <param name="blockSize">Readings a block.</param>
    /// <param name="was">What the device was metered by so far.</param>
    /// <param name="becomes">What it is metered by from now on.</param>
    /// <returns>The blocks that replace <paramref name="blocks"/>.</returns>
    public IReadOnlyList<ReadingBlock> Remeter<TSink>(
        ReadOnlySpan<Reading> late,
        IReadOnlyList<ReadingBlock> blocks,
        int blockSize,
        MeterContext was,
        MeterContext becomes,
        ref TSink sink)
        where TSink : IDeviceSink
    {
        MeterRun run = blocks.Count > 0 ? blocks[0].Before : Anchor;
        ReadOnlySpan<Reading> settled = AtHand()[..SettledCount];
        Reading[] before = [.. blocks.SelectMany(block => block.Readings)];
        Reading[] after = LateReadings.Merge(before, late, ref sink);
        Instant? first = after.Length > 0 ? after[0].At : settled.Length > 0 ? settled[0].At : null;
        if (first is not { } start)
        {
            return [];
        }

        var takeBack = new TakeBackSink<TSink>(sink);
        MeterRun undone = run;
        Run(before, ref undone, was, ref takeBack);
        Run(settled, ref undone, was, ref takeBack);

        sink.Restart(start);
        Instant windowsFrom = late.IsEmpty ? start : LateReadings.Earliest(late);
        var again = new WindowsFromSink<TSink>(sink, DeviceWindow.StartOf(windowsFrom, becomes.Options.Window));
        var replaced = new List<ReadingBlock>();
        for (int next = 0; next < after.Length; next += blockSize)
        {
            Reading[] readings = after[next..Math.Min(next + blockSize, after.Length)];
            replaced.Add(new ReadingBlock(run, readings));
            Run(readings, ref run, becomes, ref again);
        }

        _anchor.Put(run, Pages);
        Run(settled, ref run, becomes, ref again);
        PutSettled(run, becomes);
        return replaced;
    }

    private static MeterRun After(ReadingBlock block, MeterContext context)
    {
        MeterRun run = block.Before;
        var silent = default(SilentSink);
        Run(block.Readings, ref run, context, ref silent);
        return run;
    }

    /// <summary>Takes the oldest readings out of the buffer; to be forgotten before any other device of the same pages is looked at.</summary>
    private ReadOnlySpan<Reading> TakeOut(int count)
    {
        if (_open is { } open)
        {
            _packed.Replace(open.All[count..], open.SettledCount - count);
            _open = null;
            return open.All[..count];
        }

        Span<Reading> readings = Pages.Scratch(count).AsSpan(0, count);
        _packed.TakeOut(readings);
        return readings;
    }
}
