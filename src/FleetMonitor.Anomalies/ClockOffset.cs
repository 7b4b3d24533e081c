using System.Runtime.InteropServices;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Anomalies;

/// <summary>How far a device's clock is from ours, in seconds, and how steadily: a backlog being sent, or an old value sent again and
/// again, is far off, but not steadily.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct ClockOffset
{
    private const double Weight = 1.0 / 16;
    private const double SteadySeconds = 20;
    private const double SameSeconds = 2;
    private const int JumpsAfter = 5;

    /// <summary>Further off than this is no news, and would lose the seconds of a <see cref="float"/>.</summary>
    private const double MostSeconds = 1e7;

    /// <summary>Ours less the device's: positive where its clock is slow.</summary>
    public float Mean;
    private float _deviation;
    private float _last;
    private ushort _same;
    private ushort _seen;

    /// <summary>Ours less the device's.</summary>
    public static double Between(Instant claimed, Instant receivedAt) => (receivedAt.UnixMilliseconds - claimed.UnixMilliseconds) / 1000.0;

    public void Take(double offset)
    {
        offset = Math.Clamp(offset, -MostSeconds, MostSeconds);
        // A clock that was set is believed after a few equal offsets, and not after a long mean has caught up.
        _same = Math.Abs(offset - _last) < SameSeconds ? (ushort)Math.Min(_same + 1, JumpsAfter) : (ushort)0;
        _last = (float)offset;
        if (_seen == 0 || (_same == JumpsAfter && Math.Abs(offset - Mean) > SteadySeconds))
        {
            Mean = (float)offset;
            _deviation = 0;
            _seen = 1;
        }

        _deviation += (float)(Weight * (Math.Abs(offset - Mean) - _deviation));
        Mean += (float)(Weight * (offset - Mean));
    }

    /// <summary>At the newest reading that came.</summary>
    public readonly double Last => _last;

    public readonly bool IsBeyondMeasure => Math.Abs(Mean) >= MostSeconds;

    public readonly bool IsSteady => _deviation < SteadySeconds;
}
