using System.Runtime.InteropServices;

namespace FleetMonitor.Anomalies;

/// <summary>
/// What is usual for a device: a slow level and the mean deviation from it. Outliers are clipped, so that a fault moves it little before
/// its alarm freezes it; the first hours are a plain mean, so that it is usable soon.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct Baseline
{
    private const double ClipDeviations = 4;
    private const double LeastRelativeDeviation = 0.002;

    public float Level;
    public float Deviation;

    /// <summary>Seconds of normal running seen.</summary>
    public float Learned;

    public readonly bool Knows(TimeSpan needed) => Learned >= needed.TotalSeconds;

    /// <summary>Mean deviation as a share of the level.</summary>
    public readonly double RelativeDeviation => Level > 0 ? Math.Max(Deviation / Level, LeastRelativeDeviation) : 1;

    public void Learn(double value, double elapsedSeconds, TimeSpan memory)
    {
        if (elapsedSeconds <= 0)
        {
            return;
        }

        if (Learned == 0)
        {
            Level = (float)value;
        }

        Learned = (float)Math.Min(Learned + elapsedSeconds, memory.TotalSeconds);
        double weight = Math.Min(1, elapsedSeconds / Learned);
        double residual = value - Level;
        if (Learned > 3600)
        {
            double clip = ClipDeviations * Math.Max(Deviation, Math.Abs(Level) * LeastRelativeDeviation);
            residual = Math.Clamp(residual, -clip, clip);
        }

        Level += (float)(weight * residual);
        Deviation += (float)(weight * (Math.Abs(residual) - Deviation));
    }
}
