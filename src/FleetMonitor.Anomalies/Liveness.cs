using System.Runtime.InteropServices;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Anomalies;

/// <summary>
/// When a device was heard, how old what it said was, and how often it usually speaks. A value counts as new by the earlier of its own time
/// and its receive time: two-hour-old values that arrive now are not live.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct Liveness
{
    private const double LeastStaleSeconds = 60;
    private const double UsualIntervals = 3;
    private const int SteadyIntervals = 2;
    private const long SteadySeconds = 60;

    public Seconds First;

    /// <summary>Newest time that a reading states.</summary>
    public Seconds Newest;

    /// <summary>Newest time at which what was heard was also true.</summary>
    public Seconds Live;

    public Seconds Heard;

    /// <summary>When the broker told the device's last will, until it is heard again.</summary>
    public Seconds Will;

    /// <summary>When the broker last said that it is connected.</summary>
    public Seconds Online;

    /// <summary>Usual seconds between readings; 0 until two were seen.</summary>
    public float Interval;

    private ushort _intervals;

    /// <summary>How many readings running were older than others before them.</summary>
    public ushort Behind;

    /// <summary>It has reported now and again for a while: it is a device, and not a name that somebody sent once.</summary>
    public readonly bool IsSteady => _intervals >= SteadyIntervals && Heard - First >= SteadySeconds;

    /// <summary>Older than what was reported before; once behind, until past it.</summary>
    public readonly bool IsBehind(Seconds at) => Newest.IsSet && (Behind > 0 ? at <= Newest : at < Newest);

    public void Hear(Instant readingAt, Instant receivedAt)
    {
        Seconds at = Seconds.From(readingAt);
        Seconds received = Seconds.From(receivedAt);
        if (!First.IsSet)
        {
            First = received;
        }

        Behind = (ushort)(IsBehind(at) ? Math.Min(Behind + 1, ushort.MaxValue) : 0);
        if (Newest.IsSet && at > Newest)
        {
            LearnInterval(at - Newest);
        }

        Newest = Max(Newest, at);
        Live = Max(Live, at < received ? at : received);
        Heard = Max(Heard, received);
        if (Will.IsSet && Live >= Will)
        {
            Will = Seconds.Never;
        }
    }

    /// <summary>It spoke, and nothing of it was taken.</summary>
    public void HearRefused(Instant receivedAt)
    {
        Seconds received = Seconds.From(receivedAt);
        First = First.IsSet ? First : received;
        Heard = Max(Heard, received);
    }

    public void Presence(bool online, Instant at)
    {
        Seconds seconds = Seconds.From(at);
        if (online)
        {
            Online = Max(Online, seconds);
            Will = Seconds.Never;
        }
        else
        {
            Will = seconds;
            Online = Seconds.Never;
        }
    }

    public readonly TimeSpan StaleAfter(AnomalyOptions options) =>
        options.StaleAfter ?? new TimeSpan((long)(Math.Max(LeastStaleSeconds, UsualIntervals * Interval) * TimeSpan.TicksPerSecond));

    /// <summary>A device that speaks every ten minutes is not offline after five.</summary>
    public readonly TimeSpan OfflineAfter(AnomalyOptions options)
    {
        TimeSpan stale = StaleAfter(options);
        return options.OfflineAfter > stale ? options.OfflineAfter : stale;
    }

    public readonly bool IsSilent(Seconds now, AnomalyOptions options) =>
        Heard.IsSet && now - Heard > OfflineAfter(options).TotalSeconds;

    public readonly bool IsOld(Seconds now, AnomalyOptions options) =>
        Heard.IsSet && now - Live > StaleAfter(options).TotalSeconds;

    // Quick to lengthen, slow to shorten: two topics a moment apart and a long pause are one usual interval, the pause.
    private void LearnInterval(long elapsed)
    {
        _intervals = (ushort)Math.Min(_intervals + 1, 32);
        if (_intervals == 1)
        {
            Interval = elapsed;
            return;
        }

        double clipped = Math.Min(elapsed, 4 * Math.Max(Interval, 1));
        double weight = clipped > Interval ? 1.0 / Math.Min((int)_intervals, 8) : 1.0 / _intervals;
        Interval += (float)(weight * (clipped - Interval));
    }

    private static Seconds Max(Seconds left, Seconds right) => left > right ? left : right;
}
