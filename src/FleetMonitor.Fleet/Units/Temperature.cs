using System.Globalization;

namespace FleetMonitor.Fleet.Units;

/// <summary>A temperature, in thousandths of a degree Celsius.</summary>
public readonly record struct Temperature(int Millicelsius) : IComparable<Temperature>
{
    public static Temperature FromCelsius(decimal celsius) =>
        new((int)decimal.Round(celsius * 1_000m, MidpointRounding.ToEven));

    public decimal Celsius => Millicelsius / 1_000m;

    public int CompareTo(Temperature other) => Millicelsius.CompareTo(other.Millicelsius);

    public override string ToString() => Celsius.ToString("0.###", CultureInfo.InvariantCulture) + " °C";
}
