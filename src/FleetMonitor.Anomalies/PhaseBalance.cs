using System.Runtime.InteropServices;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Anomalies;

/// <summary>
/// How the load is shared by three phases: smoothed values, and how it usually is. Few loads are even, so what counts is that a phase's part of the
/// whole has changed. The change is stated as a share of an even phase: 1 is a phase that carried its third and now carries nothing.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct PhaseBalance
{
    private const int Phases = 3;

    /// <summary>Below this share of the most that was ever carried, noise is most of what there is to see.</summary>
    private const float LeastLoad = 0.25f;

    public Seconds At;
    public float A;
    public float B;
    public float C;
    public float Peak;

    /// <summary>Usual parts of the whole; C's is the rest.</summary>
    public float UsualA;
    public float UsualB;

    /// <summary>Mean change from usual.</summary>
    public float Deviation;

    /// <summary>Seconds of normal running seen.</summary>
    public float Learned;

    public PhaseQuantity Quantity;
    private readonly byte _reserved;
    private readonly ushort _reservedToo;

    public readonly float Total => A + B + C;

    public readonly bool IsLoaded => Total > LeastLoad * Peak;

    /// <summary>The phase whose part has changed the most: its name, what it carries, its part now and usually.</summary>
    public readonly (char Name, double Load, double Part, double Usual) Worst
    {
        get
        {
            (double a, double b, double c) = Total > 0 ? (A / Total, B / Total, C / Total) : (UsualA, UsualB, 1 - UsualA - UsualB);
            double usualC = 1 - UsualA - UsualB;
            (double offA, double offB, double offC) = (Math.Abs(a - UsualA), Math.Abs(b - UsualB), Math.Abs(c - usualC));
            return offA >= offB && offA >= offC ? ('A', A, a, UsualA) : offB >= offC ? ('B', B, b, UsualB) : ('C', C, c, usualC);
        }
    }

    public readonly double Change => Phases * Math.Abs(Worst.Part - Worst.Usual);

    public readonly bool Knows(TimeSpan needed) => Learned >= needed.TotalSeconds;

    /// <summary>Takes newer values, in W or A; after a gap, or where they are of another quantity, it starts anew.</summary>
    /// <returns>Seconds since the last values, 0 after a gap; negative where these are no newer.</returns>
    public double Take(in PhaseValues values, Seconds at, TimeSpan memory, TimeSpan gap)
    {
        if (At.IsSet && at <= At)
        {
            return -1;
        }

        double elapsed = At.IsSet && Quantity == values.Quantity ? at - At : double.PositiveInfinity;
        bool anew = elapsed > gap.TotalSeconds;
        float weight = anew ? 1 : (float)(1 - Math.Exp(-elapsed / memory.TotalSeconds));
        if (Quantity != values.Quantity)
        {
            (Learned, Deviation, Peak) = (0, 0, 0);
        }

        A += weight * ((values.A / 1000f) - A);
        B += weight * ((values.B / 1000f) - B);
        C += weight * ((values.C / 1000f) - C);
        (At, Quantity) = (at, values.Quantity);
        Peak = Math.Max(Peak, Total);
        return anew ? 0 : elapsed;
    }

    /// <summary>Learns that it is usually so.</summary>
    public void Learn(double elapsedSeconds, TimeSpan memory)
    {
        if (elapsedSeconds <= 0 || Total <= 0)
        {
            return;
        }

        if (Learned == 0)
        {
            TakeForUsual();
        }

        Learned = (float)Math.Min(Learned + elapsedSeconds, memory.TotalSeconds);
        float weight = (float)Math.Min(1, elapsedSeconds / Learned);
        Deviation += weight * ((float)Change - Deviation);
        UsualA += weight * ((A / Total) - UsualA);
        UsualB += weight * ((B / Total) - UsualB);
    }

    /// <summary>As it is now, it is usual from now on.</summary>
    public void TakeForUsual() => (UsualA, UsualB) = Total > 0 ? (A / Total, B / Total) : (UsualA, UsualB);
}
