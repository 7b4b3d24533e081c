using System.Globalization;

namespace FleetMonitor.Fleet.Units;

/// <summary>
/// Electric energy, in whole microwatt-hours: the integer the books are kept in (S1). A <see cref="long"/> holds 9.2 TWh,
/// six years of a 180 MW site.
/// </summary>
public readonly record struct Energy(long MicrowattHours) : IComparable<Energy>
{
    public static readonly Energy Zero;

    public static Energy FromWattHours(decimal wattHours) =>
        new((long)decimal.Round(wattHours * 1_000_000m, MidpointRounding.ToEven));

    /// <summary>Exact: at most nine decimals.</summary>
    public decimal KilowattHours => MicrowattHours / 1_000_000_000m;

    public decimal WattHours => MicrowattHours / 1_000_000m;

    public static Energy operator +(Energy left, Energy right) => new(checked(left.MicrowattHours + right.MicrowattHours));

    public static Energy operator -(Energy left, Energy right) => new(checked(left.MicrowattHours - right.MicrowattHours));

    public static bool operator <(Energy left, Energy right) => left.MicrowattHours < right.MicrowattHours;

    public static bool operator >(Energy left, Energy right) => left.MicrowattHours > right.MicrowattHours;

    public static bool operator <=(Energy left, Energy right) => left.MicrowattHours <= right.MicrowattHours;

    public static bool operator >=(Energy left, Energy right) => left.MicrowattHours >= right.MicrowattHours;

    public int CompareTo(Energy other) => MicrowattHours.CompareTo(other.MicrowattHours);

    public override string ToString() => KilowattHours.ToString("0.#########", CultureInfo.InvariantCulture) + " kWh";
}
