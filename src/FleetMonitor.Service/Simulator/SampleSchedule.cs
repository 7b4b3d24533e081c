namespace FleetMonitor.Service.Simulator;

/// <summary>
/// When each device of one connection is sampled: once an interval, at a phase of its own, so that the fleet's readings are spread evenly over
/// the interval. Devices are dealt to connections in turn. Times are Unix milliseconds. With an interval of zero everything is always due, but
/// no device twice in the same millisecond, since that is the resolution of a timestamp.
/// </summary>
public sealed class SampleSchedule
{
    private readonly int _rigs;
    private readonly int _connections;
    private readonly int _first;
    private readonly int _devices;
    private readonly long _start;
    private readonly double _interval;

    private int _position;
    private long _round;
    private long _roundEnded;

    public SampleSchedule(int rigs, int connections, int connection, long start, TimeSpan interval)
    {
        (_rigs, _connections, _first, _start) = (rigs, connections, connection, start);
        _interval = interval.TotalMilliseconds;
        _devices = (rigs - connection + connections - 1) / connections;
        _roundEnded = start - 1;
    }

    /// <summary>
    /// The least time worth sleeping, in milliseconds: waking for every single reading would cost more than a late one matters, its timestamp
    /// being that of the sample.
    /// </summary>
    public long ShortestSleep => Math.Clamp((long)_interval / 50, 1, 20);

    /// <summary>The device that is next.</summary>
    public int Device => _first + (_position * _connections);

    /// <summary>Readings that were not taken, since their time had gone by an interval or more ago.</summary>
    public long Skipped { get; private set; }

    /// <summary>When the next device is due, given the time.</summary>
    public long NextDue(long now)
    {
        if (!IsFlatOut)
        {
            return Due;
        }

        // A round begins after the last sample of the one before, so that each device moves on by a millisecond.
        return _position > 0 ? now : Math.Max(now, _roundEnded + 1);
    }

    /// <summary>Passes over the rounds in which the next device can no longer be on time.</summary>
    public void CatchUp(long now)
    {
        if (!IsFlatOut && now - Due >= _interval)
        {
            long rounds = (long)((now - Due) / _interval);
            _round += rounds;
            Skipped += rounds;
        }
    }

    /// <summary>Goes on to the next device, the current one having been sampled at <paramref name="now"/>.</summary>
    public void Advance(long now)
    {
        if (++_position == _devices)
        {
            _position = 0;
            _round++;
            _roundEnded = now;
        }
    }

    private bool IsFlatOut => _interval == 0;

    private long Due => _start + (long)(_interval * (_round + ((double)Device / _rigs)));
}
