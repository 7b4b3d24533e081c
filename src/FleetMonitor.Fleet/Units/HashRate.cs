using System.Globalization;

namespace FleetMonitor.Fleet.Units;

/// <summary>Hashes per second, in whole megahashes. A <see cref="long"/> holds nine million exahashes per second.</summary>
public readonly record struct HashRate(long MegahashesPerSecond) : IComparable<HashRate>
{
    public static HashRate FromTerahashes(decimal terahashes) =>
        new((long)decimal.Round(terahashes * 1_000_000m, MidpointRounding.ToEven));

    public decimal TerahashesPerSecond => MegahashesPerSecond / 1_000_000m;

    public int CompareTo(HashRate other) => MegahashesPerSecond.CompareTo(other.MegahashesPerSecond);

    public override string ToString() => TerahashesPerSecond.ToString("0.######", CultureInfo.InvariantCulture) + " TH/s";
}
