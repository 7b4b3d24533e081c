namespace FleetMonitor.Service.Mqtt.Epoll;

/// <summary>
/// How long messages gather before the next sweep: a hundredth of what the hastiest client of this one takes from one thing it sends to the next.
/// A rig that publishes every ten seconds does not miss a tenth of one, and whoever waits for an answer before the next message has it soon. It
/// grows twofold at most from one sweep that brought something to the next: after a silence nobody's pace is known, and all may be in a hurry now.
/// </summary>
/// <param name="shortest">For clients in a hurry.</param>
internal sealed class SweepPause(TimeSpan shortest)
{
    private const int ShareOfPace = 100;

    /// <summary>Beyond this a sweep brings so much that more would not make it cheaper.</summary>
    private const int LongestInShortest = 20;

    private readonly TimeSpan _longest = shortest * LongestInShortest;
    private TimeSpan _before;

    public TimeSpan Shortest => shortest;

    /// <summary>After each sweep that brought something, in turn.</summary>
    /// <param name="began">When the sweep did, from any one moment on.</param>
    /// <param name="hastiest">The least <see cref="ClientPace"/> of those that it read from.</param>
    public TimeSpan After(TimeSpan began, TimeSpan hastiest)
    {
        TimeSpan apart = began - _before;
        _before = began;
        TimeSpan most = apart > 2 * _longest ? shortest : 2 * apart;
        return TimeSpan.FromTicks(Math.Clamp(Math.Min(hastiest.Ticks / ShareOfPace, most.Ticks), shortest.Ticks, _longest.Ticks));
    }
}

/// <summary>
/// How long a client takes from one thing it sends to the next: the longer of the last two times, so that power and hash rate in one breath make
/// nobody hasty, and who sends on as soon as it is answered is known by its second answer.
/// </summary>
/// <param name="connected">Times are from any one moment on.</param>
internal struct ClientPace(TimeSpan connected)
{
    private TimeSpan _sent = connected;
    private TimeSpan _took = TimeSpan.Zero;

    /// <summary>The client was read from, and had sent something.</summary>
    /// <returns>Its pace by now.</returns>
    public TimeSpan Sent(TimeSpan now)
    {
        TimeSpan tookBefore = _took;
        (_sent, _took) = (now, now - _sent);
        return _took > tookBefore ? _took : tookBefore;
    }
}
