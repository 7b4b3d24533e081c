using System.Globalization;

namespace FleetMonitor.Fleet.Units;

/// <summary>Electric power. Decoding rounds half-even to one milliwatt (S1).</summary>
public readonly record struct Power(long Milliwatts) : IComparable<Power>
{
    public static Power FromWatts(decimal watts) => new((long)decimal.Round(watts * 1_000m, MidpointRounding.ToEven));

    public decimal Watts => Milliwatts / 1_000m;

    public int CompareTo(Power other) => Milliwatts.CompareTo(other.Milliwatts);

    public override string ToString() => Watts.ToString("0.###", CultureInfo.InvariantCulture) + " W";
}
