using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Service.Pipeline;

/// <summary>
/// When a changed device is due for its checkpoint, and how many of those that are due a commit takes. A checkpoint costs as much as some readings
/// do, so devices that report seldom wait longer: until there are some readings of each. The journal, which the next start reads, then holds no more
/// of each device than of one that reports often.
/// </summary>
/// <param name="after">How long a changed device waits at least; with zero it is due at once.</param>
internal sealed class CheckpointPace(TimeSpan after)
{
    /// <summary>So many readings of each device, on average, are worth a checkpoint of each.</summary>
    private const int Worthwhile = 16;

    /// <summary>How many times as long as at least a device waits at most.</summary>
    private const int MostTimes = 6;

    /// <summary>The largest part of all devices that one commit checkpoints because they are due.</summary>
    private const double MostAtOnce = 1.0 / 16;

    /// <summary>What may be left to take of readings that came faster than time passed: rigs in step all report at once, and then for a while none does.</summary>
    private const double MostLeft = 1.0 / 5;

    /// <summary>Batches are marked no closer together than this part of what a device waits at least.</summary>
    private const int Marks = 300;

    /// <summary>Marked batches that are not due, and what had passed and come with them.</summary>
    private readonly Queue<(long Sequence, TimeSpan Passed, long Entries)> _marks = [];
    private Instant? _last;

    /// <summary>How much time has passed from commit to commit.</summary>
    private TimeSpan _passed;
    private TimeSpan _marked;
    private long _entries;

    /// <summary>What part of all devices may still become due because of what has come.</summary>
    private double _left;

    /// <summary>How long a changed device waits at most until it is due.</summary>
    public static TimeSpan Longest(TimeSpan after) => MostTimes * after;

    /// <summary>Goes on to a commit.</summary>
    /// <param name="entries">How many readings and the like it brings.</param>
    /// <param name="devices">How many there are.</param>
    /// <returns>Devices changed in batches before this one are due, and how large a part of all devices may be taken because of it.</returns>
    public (long DirtyBefore, double Share) Advance(long sequence, Instant now, int entries, int devices)
    {
        // A clock that is set back must not stop what waits for time to pass.
        TimeSpan passed = now - (_last ?? now);
        passed = passed > TimeSpan.Zero ? passed : TimeSpan.Zero;
        _last = now;
        _passed += passed;
        _entries += entries;
        double enough = (double)Worthwhile * Math.Max(devices, 1);
        while (_marks.TryPeek(out (long Sequence, TimeSpan Passed, long Entries) oldest) && _passed - oldest.Passed > after
            && (_entries - oldest.Entries >= enough || _passed - oldest.Passed > Longest(after)))
        {
            _marks.Dequeue();
        }

        long dirtyBefore = _marks.TryPeek(out (long Sequence, TimeSpan Passed, long Entries) first) ? first.Sequence : sequence;
        if (_marks.Count == 0 || _passed - _marked >= after / Marks)
        {
            _marks.Enqueue((sequence, _passed, _entries));
            _marked = _passed;
        }

        // Twice the pace at which devices become due: a line that has built up is gone within half the time in which it did. Where a clock leaps, or
        // a full disk was waited out, one commit must not be one of all devices; where none is to wait, it is.
        return (dirtyBefore, after == TimeSpan.Zero ? 1 : Math.Min(2 * BecomeDue(passed, entries / enough), MostAtOnce));
    }

    /// <summary>What part of all devices becomes due in a time, in which so large a part of what is worth a checkpoint of each has come.</summary>
    private double BecomeDue(TimeSpan passed, double came)
    {
        double atMost = passed / after;
        _left = Math.Min(_left + Math.Max(came, passed / Longest(after)), atMost + MostLeft);
        double due = Math.Min(_left, atMost);
        _left -= due;
        return due;
    }
}
