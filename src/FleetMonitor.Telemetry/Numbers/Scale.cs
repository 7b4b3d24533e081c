namespace FleetMonitor.Telemetry.Numbers;

/// <summary>From a unit that devices report in to the whole unit that is counted in: <c>value × 10^Exponent / Divisor</c>.</summary>
/// <param name="Exponent">Power of ten.</param>
/// <param name="Divisor">1, or the even number that a non-decimal unit needs (a watt-minute is 10⁵/6 µWh); at most 36.</param>
public readonly record struct Scale(int Exponent, int Divisor = 1)
{
    public static readonly Scale Unit = new(0);
}
