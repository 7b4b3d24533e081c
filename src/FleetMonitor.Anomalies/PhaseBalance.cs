using System.Runtime.InteropServices;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Anomalies;

/// <summary>
/// How evenly three phases carry: smoothed values, and how uneven is usual here. The measure is the one of motor makers (NEMA MG 1): the greatest
/// distance of a phase from the mean of the three, as a share of that mean; 0 is even, 0.5 one phase without load, 2 all load on one.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct PhaseBalance
{
    /// <summary>Below this share of the most that was ever carried, noise is most of what there is to see.</summary>
    private const float LeastLoad = 0.25f;

    public Seconds At;
    public float A;
    public float B;
    public float C;
    public float PeakMean;
    public Baseline Usual;
    public PhaseQuantity Quantity;
    private readonly byte _reserved;
    private readonly ushort _reservedToo;

    public readonly float Mean => (A + B + C) / 3;

    public readonly bool IsLoaded => Mean > LeastLoad * PeakMean;

    /// <summary>The one that is furthest off the mean.</summary>
    public readonly (char Name, float Load) Worst
    {
        get
        {
            (float a, float b, float c) = (Math.Abs(A - Mean), Math.Abs(B - Mean), Math.Abs(C - Mean));
            return a >= b && a >= c ? ('A', A) : b >= c ? ('B', B) : ('C', C);
        }
    }

    public readonly double Share => Mean <= 0 ? 0 : Math.Abs(Worst.Load - Mean) / Mean;

    /// <summary>Takes newer values, in W or A; after a gap, or where they are of another quantity, it starts anew.</summary>
    /// <returns>Seconds since the last values, at most the gap's; negative where these are no newer.</returns>
    public double Take(in PhaseValues values, Seconds at, TimeSpan memory, TimeSpan gap)
    {
        if (At.IsSet && at <= At)
        {
            return -1;
        }

        double elapsed = At.IsSet && Quantity == values.Quantity ? at - At : double.PositiveInfinity;
        float weight = elapsed > gap.TotalSeconds ? 1 : (float)(1 - Math.Exp(-elapsed / memory.TotalSeconds));
        if (Quantity != values.Quantity)
        {
            Usual = default;
            PeakMean = 0;
        }

        A += weight * ((values.A / 1000f) - A);
        B += weight * ((values.B / 1000f) - B);
        C += weight * ((values.C / 1000f) - C);
        (At, Quantity) = (at, values.Quantity);
        PeakMean = Math.Max(PeakMean, Mean);
        return elapsed > gap.TotalSeconds ? 0 : elapsed;
    }
}
