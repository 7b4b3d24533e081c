using FleetMonitor.Fleet;
using FleetMonitor.Levy;
using FleetMonitor.Metering;

namespace FleetMonitor.Service.Influx;

/// <summary>What one device's window adds to its site's. Missing is absent, not zero.</summary>
/// <param name="Billed">
/// Whether its power and energy count: those of the devices that the levy is counted on do (S12), so that a rig and the feeder in front of it
/// are not both in the sum.
/// </param>
/// <param name="Power">Mean, in milliwatts.</param>
/// <param name="HashRate">Mean, in megahashes per second.</param>
/// <param name="Energy">In microwatt-hours; null where nothing was measured that energy could come from.</param>
/// <param name="Estimated">The part of it that was estimated.</param>
/// <param name="Temperature">Highest, in thousandths of a degree.</param>
internal readonly record struct WindowShare(
    bool Billed, long? Power, long? HashRate, long? Energy, long Estimated, int? Temperature, int Readings)
{
    public static WindowShare Of(in DeviceWindow window, Site? site, string device) => new(
        Billing.ClassOf(site, device) == Billing.Billed(site),
        window.PowerReadings > 0 ? Rounded.Divide(window.PowerSum, window.PowerReadings) : null,
        window.HashRateReadings > 0 ? Rounded.Divide(window.HashRateSum, window.HashRateReadings) : null,
        // A reading of hash rate alone says nothing of energy. One that does says it for good: a field that a correction left out would stay as
        // it was in the store.
        window.PowerReadings > 0 || window.HasRegister || window.Energy != 0 || window.Estimated != 0 ? window.Energy : null,
        window.Estimated,
        window.HasTemperature ? window.TemperatureMax.Millicelsius : null,
        window.Readings);
}

/// <summary>The one rounding of means and ratios: half to even.</summary>
internal static class Rounded
{
    /// <param name="dividend">Of either sign.</param>
    /// <param name="divisor">Positive.</param>
    public static long Divide(Int128 dividend, Int128 divisor)
    {
        Int128 quotient = dividend / divisor;
        Int128 rest = dividend - (quotient * divisor);
        Int128 twice = Int128.Abs(rest) * 2;
        bool away = twice > divisor || (twice == divisor && Int128.IsOddInteger(quotient));
        return (long)(away ? quotient + (rest < 0 ? -1 : 1) : quotient);
    }
}
