using System.Runtime.InteropServices;

namespace FleetMonitor.Anomalies;

/// <summary>How far a device's clock is from ours, in seconds, and how steadily: a backlog being sent is far off, but not steadily.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct ClockOffset
{
    private const double Weight = 1.0 / 16;
    private const double SteadyShare = 0.1;
    private const double SteadySeconds = 20;

    /// <summary>Ours less the device's: positive where its clock is slow.</summary>
    public float Mean;
    private float _deviation;
    private Seconds _at;

    public void Take(double offset, Seconds receivedAt)
    {
        if (!_at.IsSet)
        {
            Mean = (float)offset;
        }

        _deviation += (float)(Weight * (Math.Abs(offset - Mean) - _deviation));
        Mean += (float)(Weight * (offset - Mean));
        _at = receivedAt;
    }

    public readonly bool IsSteady => _deviation < Math.Max(SteadySeconds, SteadyShare * Math.Abs(Mean));
}
