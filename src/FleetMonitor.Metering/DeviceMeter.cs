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
/// The buffer is packed: the newest reading is appended, the oldest unsettled one unpacked as it settles. One that belongs between others opens
/// the buffer until <see cref="Pack"/>: among the unsettled it just takes its place; among the settled it makes the buffer be metered again
/// from the anchor. One older still needs the kept blocks. In each case the sink hears the difference only.
/// Whoever holds more of a device than its meter may be one: of many devices an object less each.
/// </summary>
public partial class DeviceMeter
{
    private static readonly Instant Never = new(long.MaxValue);

    private PackedReadings _packed;
    private OpenReadings? _open;
    private PackedRun _anchor;
    private PackedRun _settled;

    /// <summary>When the window that is open where it has settled is over; the end of time where none is, or it was handed over.</summary>
    private Instant _windowEnds = Never;
    private Instant _archivedThrough = new(long.MinValue);

    /// <param name="pages">Where its readings are packed: shared by devices that have one writer.</param>
    public DeviceMeter(ReadingPages pages) => _packed = new PackedReadings(pages);

    /// <summary>Where metering stood before the first reading at hand.</summary>
    public MeterRun Anchor => _anchor.Take(Pages);

    /// <summary>Readings at hand, settled or not.</summary>
    public int Count => _open?.Count ?? _packed.Count;

    public int SettledCount => _open?.SettledCount ?? _packed.SettledCount;

    public int UnsettledCount => Count - SettledCount;

    public Instant? ArchivedThrough => _archivedThrough.UnixMilliseconds == long.MinValue ? null : _archivedThrough;

    /// <summary>The newest reading at hand, if there is one.</summary>
    public Reading? Newest => Count == 0 ? null : _open is { } open ? open[open.Count - 1] : _packed.Newest;

    /// <summary>The time of the newest reading at hand, if there is one.</summary>
    public Instant? NewestAt => Count == 0 ? null : _open is { } open ? open[open.Count - 1].At : _packed.NewestAt;

    /// <summary>Puts it where a meter stood before, in place of all that it has at hand.</summary>
    /// <param name="anchor">Where metering stood before the first reading.</param>
    /// <param name="readings">Sorted by time.</param>
    /// <param name="settledCount">How many of them count as settled. They are metered again, and the sinks hear nothing of it.</param>
    /// <param name="archivedThrough">The newest reading that went into a kept block.</param>
    public void Restore(
        in MeterRun anchor, ReadOnlySpan<Reading> readings, int settledCount, Instant? archivedThrough, MeterContext context)
    {
        _open = null;
        _archivedThrough = archivedThrough ?? new Instant(long.MinValue);
        _anchor.Put(anchor, Pages);
        _packed.Replace(readings, settledCount);
        MeterRun settled = anchor;
        var silent = default(SilentSink);
        Run(readings[..settledCount], ref settled, context, ref silent);
        PutSettled(settled, context);
    }

    /// <summary>Asks the processor for the pages that the next reading needs.</summary>
    public void PrefetchPages()
    {
        _packed.Prefetch();
        _settled.Prefetch(Pages);
    }

    /// <summary>Forgets what is at hand, and leaves its pages to others: it is not used again.</summary>
    public void Release()
    {
        _packed.Replace([], 0);
        _open = null;
        _anchor.Release(Pages);
        _settled.Release(Pages);
    }

    /// <summary>The readings at hand, unpacked: <see cref="Count"/> of them, of which the first <see cref="SettledCount"/> have settled.</summary>
    public Reading[] Buffered() => AtHand().ToArray();

    /// <summary>Takes a reading in, wherever in time it belongs.</summary>
    public Admission Admit<TSink>(in Reading reading, MeterContext context, ref TSink sink)
        where TSink : IDeviceSink
    {
        if (reading.At <= _archivedThrough)
        {
            return Admission.NeedsHistory;
        }

        if (_open is null && (_packed.Count == 0 || reading.At > _packed.NewestAt))
        {
            _packed.Append(reading);
            return Admission.Admitted;
        }

        // One device, several topics: what comes next is often of the same time.
        if (_open is null && reading.At == _packed.NewestAt && _packed.SettledCount < _packed.Count)
        {
            Admission admission = Merge(_packed.Newest, reading, out Reading merged, ref sink);
            if (merged != _packed.Newest)
            {
                _packed.ReplaceNewest(merged);
            }

            return admission;
        }

        return AdmitBetween(_open ??= Open(), reading, context, ref sink);
    }

    /// <summary>Meters for good, in time order, all readings up to and including <paramref name="upTo"/>.</summary>
    public void Settle<TSink>(Instant upTo, MeterContext context, ref TSink sink)
        where TSink : IDeviceSink
    {
        if (!(NextUnsettledAt <= upTo))
        {
            return;
        }

        MeterRun settled = Settled;
        while (NextUnsettledAt <= upTo)
        {
            Reading next = _open is { } open ? open[open.SettledCount++] : _packed.SettleNext();
            settled.Apply(next, context, ref sink);
        }

        PutSettled(settled, context);
    }

    /// <summary>Hands over the open window where all of it is settled and past; one that later gets a reading is handed over again.</summary>
    public void CompleteWindow<TSink>(Instant upTo, MeterContext context, ref TSink sink)
        where TSink : IDeviceSink
    {
        if (_windowEnds <= upTo && !(NextUnsettledAt <= upTo))
        {
            MeterRun settled = Settled;
            sink.Add(settled.Window);
            settled.Window.HandedOver = true;
            PutSettled(settled, context);
        }
    }

    /// <summary>Lets time pass for a device that is silent: what it last sent settles together with the window that it is in, and not before.</summary>
    public void Pass<TSink>(Instant now, MeterContext context, ref TSink sink)
        where TSink : IDeviceSink
    {
        if (QuietUntil(context) <= now)
        {
            Instant settledBy = now.Minus(context.Options.ReorderWindow);
            Settle(settledBy, context, ref sink);
            CompleteWindow(settledBy, context, ref sink);
        }
    }

    /// <summary>The time before which the passing of time settles no reading and completes no window; the end of time where it never does.</summary>
    public Instant QuietUntil(MeterContext context)
    {
        Instant next = NextUnsettledAt is { } unsettled ? DeviceWindow.StartOf(unsettled, context.Options.Window).Plus(context.Options.Window) : Never;
        next = next < _windowEnds ? next : _windowEnds;
        return next == Never ? Never : next.Plus(context.Options.ReorderWindow);
    }

    /// <summary>What the unsettled readings add to the books as they stand now.</summary>
    public void Preview<TSink>(MeterContext context, ref TSink sink)
        where TSink : IDeviceSink
    {
        MeterRun live = Settled;
        Run(AtHand()[SettledCount..], ref live, context, ref sink);
    }

    /// <summary>Packs the buffer again where it is open.</summary>
    public void Pack()
    {
        if (_open is { } open)
        {
            _packed.Replace(open.All, open.SettledCount);
            _open = null;
        }
    }

    private Admission AdmitBetween<TSink>(OpenReadings open, in Reading reading, MeterContext context, ref TSink sink)
        where TSink : IDeviceSink
    {
        int index = open.FirstAfter(reading.At);
        bool isTaken = index > 0 && open[index - 1].At == reading.At;
        var admission = Admission.Admitted;
        Reading merged = default;
        if (isTaken)
        {
            index--;
            admission = Merge(open[index], reading, out merged, ref sink);
            if (merged == open[index])
            {
                return admission;
            }
        }

        bool isSettled = index < open.SettledCount;
        if (isSettled)
        {
            TakeBack(open, context, ref sink);
        }

        if (isTaken)
        {
            open[index] = merged;
        }
        else
        {
            open.Insert(index, reading);
            open.SettledCount += isSettled ? 1 : 0;
        }

        if (isSettled)
        {
            MeterAgain(open, DeviceWindow.StartOf(reading.At, context.Options.Window), context, ref sink);
        }

        return admission;
    }

    /// <param name="merged">The same as <paramref name="known"/> where nothing is new.</param>
    private static Admission Merge<TSink>(in Reading known, in Reading reading, out Reading merged, ref TSink sink)
        where TSink : IDeviceSink
    {
        merged = Reading.Merge(known, reading, out bool conflict);
        if (conflict)
        {
            sink.Add(new MeterEvent(reading.At, MeterEventKind.Conflict));
        }

        return conflict || merged != known ? Admission.Merged : Admission.Duplicate;
    }

    private void TakeBack<TSink>(OpenReadings open, MeterContext context, ref TSink sink)
        where TSink : IDeviceSink
    {
        var takeBack = new TakeBackSink<TSink>(sink);
        MeterRun run = Anchor;
        Run(open.Settled, ref run, context, ref takeBack);
    }

    private void MeterAgain<TSink>(OpenReadings open, Instant windowsFrom, MeterContext context, ref TSink sink)
        where TSink : IDeviceSink
    {
        sink.Restart(open[0].At);
        var again = new WindowsFromSink<TSink>(sink, windowsFrom);
        MeterRun run = Anchor;
        Run(open.Settled, ref run, context, ref again);
        PutSettled(run, context);
    }

    private static void Run<TSink>(ReadOnlySpan<Reading> readings, ref MeterRun run, MeterContext context, ref TSink sink)
        where TSink : IDeviceSink
    {
        foreach (ref readonly Reading reading in readings)
        {
            run.Apply(reading, context, ref sink);
        }
    }

    /// <summary>Where its readings are packed.</summary>
    protected ReadingPages Pages => _packed.Pages;

    /// <summary>Where metering stands after the last reading that has settled.</summary>
    private MeterRun Settled => _settled.Take(Pages);

    private void PutSettled(in MeterRun run, MeterContext context)
    {
        _settled.Put(run, Pages);
        _windowEnds = run.Window is { Readings: > 0, HandedOver: false } ? run.Window.Start.Plus(context.Options.Window) : Never;
    }

    private Instant? NextUnsettledAt =>
        _open is not { } open ? _packed.NextUnsettledAt : open.SettledCount < open.Count ? open[open.SettledCount].At : null;

    /// <summary>The readings at hand; to be forgotten before any other device of the same pages is looked at.</summary>
    private ReadOnlySpan<Reading> AtHand()
    {
        if (_open is { } open)
        {
            return open.All;
        }

        Span<Reading> readings = Pages.Scratch(_packed.Count).AsSpan(0, _packed.Count);
        _packed.CopyTo(readings);
        return readings;
    }

    private OpenReadings Open()
    {
        var readings = new Reading[_packed.Count + 8];
        _packed.CopyTo(readings);
        return new OpenReadings(readings, _packed.Count, _packed.SettledCount);
    }
}
