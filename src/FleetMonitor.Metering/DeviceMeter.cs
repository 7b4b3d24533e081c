using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Metering;

/// <summary>What became of a reading at the door of its device's meter.</summary>
public enum Admission : byte
{
    /// <summary>New, and taken.</summary>
    Admitted,

    /// <summary>The same reading, or part of it, was taken before.</summary>
    Duplicate,

    /// <summary>Its time was taken; it brought further fields or greater values (S3).</summary>
    Merged,

    /// <summary>Older than the readings at hand: <see cref="DeviceMeter.Remeter"/> takes it, with the kept blocks.</summary>
    NeedsHistory,
}

/// <summary>Kept readings of one device, in time order, and where metering stood before the first of them.</summary>
public sealed record ReadingBlock(MeterRun Before, Reading[] Readings);

/// <summary>
/// Meters one device. Readings wait in a short buffer, sorted by time, so that whatever order they come in, metering sees them in time order
/// (S2):
/// <code>
///   kept blocks │ settled in buffer │ unsettled  ◀── readings
///               ▲ anchor            ▲ settled
/// </code>
/// A reading among the unsettled just takes its place. One among the settled makes the buffer be metered again from the anchor; one older still
/// needs the kept blocks. In each case the sink hears the difference only.
/// </summary>
public sealed class DeviceMeter
{
    private Reading[] _buffer;
    private int _count;
    private MeterRun _anchor;
    private MeterRun _settled;

    public DeviceMeter()
        : this(default, [], 0, null)
    {
    }

    /// <param name="anchor">Where metering stood before the first buffered reading.</param>
    /// <param name="buffer">Sorted by time; not shared.</param>
    /// <param name="settledCount">How many of them count as settled. They are metered again, and the sinks hear nothing of it.</param>
    /// <param name="archivedThrough">The newest reading that went into a kept block.</param>
    private DeviceMeter(MeterRun anchor, Reading[] buffer, int settledCount, Instant? archivedThrough)
    {
        _anchor = anchor;
        _settled = anchor;
        _buffer = buffer;
        _count = buffer.Length;
        SettledCount = settledCount;
        ArchivedThrough = archivedThrough;
    }

    /// <summary>Where metering stood before the first reading of <see cref="Buffered"/>.</summary>
    public MeterRun Anchor => _anchor;

    public ReadOnlySpan<Reading> Buffered => _buffer.AsSpan(0, _count);

    public int SettledCount { get; private set; }

    public Instant? ArchivedThrough { get; private set; }

    /// <summary>The newest reading at hand, if there is one.</summary>
    public Reading? Newest => _count > 0 ? _buffer[_count - 1] : null;

    public static DeviceMeter Restore(
        MeterRun anchor, Reading[] buffer, int settledCount, Instant? archivedThrough, MeterContext context)
    {
        var meter = new DeviceMeter(anchor, buffer, settledCount, archivedThrough);
        var silent = default(SilentSink);
        meter.Run(0, settledCount, ref meter._settled, context, ref silent);
        return meter;
    }

    /// <summary>Takes a reading in, wherever in time it belongs.</summary>
    public Admission Admit<TSink>(in Reading reading, MeterContext context, ref TSink sink)
        where TSink : IDeviceSink
    {
        if (ArchivedThrough is { } archived && reading.At <= archived)
        {
            return Admission.NeedsHistory;
        }

        int index = FirstAfter(reading.At);
        if (index > 0 && _buffer[index - 1].At == reading.At)
        {
            return Merge(index - 1, reading, context, ref sink);
        }

        if (index < SettledCount)
        {
            TakeBack(ref sink, context);
            Insert(index, reading);
            SettledCount++;
            MeterAgain(DeviceWindow.StartOf(reading.At, context.Options.Window), context, ref sink);
        }
        else
        {
            Insert(index, reading);
        }

        return Admission.Admitted;
    }

    /// <summary>Meters for good, in time order, all readings up to and including <paramref name="upTo"/>.</summary>
    public void Settle<TSink>(Instant upTo, MeterContext context, ref TSink sink)
        where TSink : IDeviceSink
    {
        while (SettledCount < _count && _buffer[SettledCount].At <= upTo)
        {
            _settled.Apply(_buffer[SettledCount], context, ref sink);
            SettledCount++;
        }
    }

    /// <summary>Hands over the open window where all of it is settled and past; one that later gets a reading is handed over again.</summary>
    public void CompleteWindow<TSink>(Instant upTo, MeterContext context, ref TSink sink)
        where TSink : IDeviceSink
    {
        if (_settled.Window is { Readings: > 0, HandedOver: false } && _settled.Window.Start.Plus(context.Options.Window) <= upTo
            && (SettledCount == _count || _buffer[SettledCount].At > upTo))
        {
            sink.Add(_settled.Window);
            _settled.Window.HandedOver = true;
        }
    }

    /// <summary>What the unsettled readings add to the books as they stand now.</summary>
    public void Preview<TSink>(MeterContext context, ref TSink sink)
        where TSink : IDeviceSink
    {
        MeterRun live = _settled;
        Run(SettledCount, _count, ref live, context, ref sink);
    }

    /// <summary>Moves settled readings out of the buffer, in whole blocks.</summary>
    /// <returns>The blocks, in time order; often none.</returns>
    public IReadOnlyList<ReadingBlock> Archive(int blockSize, MeterContext context)
    {
        if (SettledCount < blockSize)
        {
            return [];
        }

        var blocks = new List<ReadingBlock>();
        var silent = default(SilentSink);
        int archived = 0;
        for (; SettledCount - archived >= blockSize; archived += blockSize)
        {
            blocks.Add(new ReadingBlock(_anchor, _buffer.AsSpan(archived, blockSize).ToArray()));
            Run(archived, archived + blockSize, ref _anchor, context, ref silent);
        }

        ArchivedThrough = _buffer[archived - 1].At;
        _buffer.AsSpan(archived, _count - archived).CopyTo(_buffer);
        _count -= archived;
        SettledCount -= archived;
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
        MeterRun run = blocks.Count > 0 ? blocks[0].Before : _anchor;
        Reading[] before = [.. blocks.SelectMany(block => block.Readings)];
        Reading[] after = LateReadings.Merge(before, late, ref sink);
        Instant? first = after.Length > 0 ? after[0].At : SettledCount > 0 ? _buffer[0].At : null;
        if (first is not { } start)
        {
            return [];
        }

        var takeBack = new TakeBackSink<TSink>(sink);
        MeterRun undone = run;
        foreach (ref readonly Reading reading in before.AsSpan())
        {
            undone.Apply(reading, was, ref takeBack);
        }

        Run(0, SettledCount, ref undone, was, ref takeBack);

        sink.Restart(start);
        Instant windowsFrom = late.IsEmpty ? start : LateReadings.Earliest(late);
        var again = new WindowsFromSink<TSink>(sink, DeviceWindow.StartOf(windowsFrom, becomes.Options.Window));
        var replaced = new List<ReadingBlock>();
        for (int next = 0; next < after.Length; next += blockSize)
        {
            Reading[] readings = after[next..Math.Min(next + blockSize, after.Length)];
            replaced.Add(new ReadingBlock(run, readings));
            foreach (ref readonly Reading reading in readings.AsSpan())
            {
                run.Apply(reading, becomes, ref again);
            }
        }

        _anchor = run;
        Run(0, SettledCount, ref run, becomes, ref again);
        _settled = run;
        return replaced;
    }

    private Admission Merge<TSink>(int index, in Reading reading, MeterContext context, ref TSink sink)
        where TSink : IDeviceSink
    {
        Reading merged = Reading.Merge(_buffer[index], reading, out bool conflict);
        if (conflict)
        {
            sink.Add(new MeterEvent(reading.At, MeterEventKind.Conflict));
        }

        if (merged == _buffer[index])
        {
            return conflict ? Admission.Merged : Admission.Duplicate;
        }

        if (index < SettledCount)
        {
            TakeBack(ref sink, context);
            _buffer[index] = merged;
            MeterAgain(DeviceWindow.StartOf(reading.At, context.Options.Window), context, ref sink);
        }
        else
        {
            _buffer[index] = merged;
        }

        return Admission.Merged;
    }

    private void TakeBack<TSink>(ref TSink sink, MeterContext context)
        where TSink : IDeviceSink
    {
        var takeBack = new TakeBackSink<TSink>(sink);
        MeterRun run = _anchor;
        Run(0, SettledCount, ref run, context, ref takeBack);
    }

    private void MeterAgain<TSink>(Instant windowsFrom, MeterContext context, ref TSink sink)
        where TSink : IDeviceSink
    {
        sink.Restart(_buffer[0].At);
        var again = new WindowsFromSink<TSink>(sink, windowsFrom);
        _settled = _anchor;
        Run(0, SettledCount, ref _settled, context, ref again);
    }

    private void Run<TSink>(int from, int to, ref MeterRun run, MeterContext context, ref TSink sink)
        where TSink : IDeviceSink
    {
        for (int i = from; i < to; i++)
        {
            run.Apply(_buffer[i], context, ref sink);
        }
    }

    private void Insert(int index, in Reading reading)
    {
        if (_count == _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(8, _count * 2));
        }

        _buffer.AsSpan(index, _count - index).CopyTo(_buffer.AsSpan(index + 1));
        _buffer[index] = reading;
        _count++;
    }

    private int FirstAfter(Instant at)
    {
        // Nearly always the newest: the search is for the rest.
        int low = _count > 0 && _buffer[_count - 1].At <= at ? _count : 0;
        int high = _count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _buffer[middle].At <= at ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
