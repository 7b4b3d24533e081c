using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Metering;

/// <summary>
/// What one device's readings of one window amounted to: the source of its point in the time series. A function of the readings alone, so that
/// making it again gives the same point.
/// </summary>
public record struct DeviceWindow
{
    /// <summary>The window's first instant, a multiple of its length since the epoch.</summary>
    public Instant Start;

    /// <summary>True where it was handed over and nothing came since.</summary>
    public bool HandedOver;

    /// <summary>How many readings fell into it; zero means that no window is open.</summary>
    public int Readings;

    public int PowerReadings;
    public long PowerSum;
    public Power PowerMin;
    public Power PowerMax;

    public int HashRateReadings;
    public long HashRateSum;

    /// <summary>Some reading of it carried the register: its energy is known, also where it is none.</summary>
    public bool HasRegister;

    public bool HasTemperature;
    public Temperature TemperatureMax;

    /// <summary>
    /// By how much this window's readings moved the device's total, in µWh. Windows sum to the books; one in which a register reading replaces
    /// energy integrated before may be negative.
    /// </summary>
    public long Energy;

    /// <summary>The part of <see cref="Energy"/> that was estimated.</summary>
    public long Estimated;

    public static Instant StartOf(Instant at, TimeSpan length)
    {
        long milliseconds = length.Ticks / TimeSpan.TicksPerMillisecond;
        long into = at.UnixMilliseconds % milliseconds;
        return new Instant(at.UnixMilliseconds - (into < 0 ? into + milliseconds : into));
    }

    internal void Observe(in Reading reading)
    {
        HandedOver = false;
        Readings++;
        if (reading.HasPower)
        {
            PowerMin = PowerReadings == 0 || reading.Power.CompareTo(PowerMin) < 0 ? reading.Power : PowerMin;
            PowerMax = PowerReadings == 0 || reading.Power.CompareTo(PowerMax) > 0 ? reading.Power : PowerMax;
            PowerSum += reading.Power.Milliwatts;
            PowerReadings++;
        }

        HasRegister |= reading.HasRegister;
        if (reading.HasHashRate)
        {
            HashRateSum += reading.HashRate.MegahashesPerSecond;
            HashRateReadings++;
        }

        if (reading.HasTemperature)
        {
            TemperatureMax = HasTemperature && TemperatureMax.CompareTo(reading.Temperature) > 0
                ? TemperatureMax
                : reading.Temperature;
            HasTemperature = true;
        }
    }
}
