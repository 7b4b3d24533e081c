using System.Runtime.InteropServices;

namespace FleetMonitor.Anomalies;

/// <summary>An exponentially weighted mean over irregular times, and when it was last fed.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct Smooth
{
    public float Last;
    public float Mean;
    public Seconds At;

    public readonly bool IsSet => At.IsSet;

    /// <summary>Seconds since the last value that was fed; 0 for the first.</summary>
    public readonly long SecondsTo(Seconds at) => IsSet ? at - At : 0;

    /// <summary>Takes a newer value; an older or equal time is ignored. After a gap it starts anew: a mean over silence means nothing.</summary>
    public bool Take(double value, Seconds at, TimeSpan memory, TimeSpan gap)
    {
        if (IsSet && at <= At)
        {
            return false;
        }

        double elapsed = SecondsTo(at);
        Mean = !IsSet || elapsed > gap.TotalSeconds
            ? (float)value
            : (float)(Mean + ((value - Mean) * (1 - Math.Exp(-elapsed / memory.TotalSeconds))));
        Last = (float)value;
        At = at;
        return true;
    }
}
