using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Metering;

/// <summary>What energy to book across a gap in power samples (S6).</summary>
public enum GapPolicy
{
    /// <summary>Nothing: a listed gap.</summary>
    Open,

    /// <summary>The trapezoid between the two ends, all of it estimated.</summary>
    Interpolate,

    /// <summary>The power before the gap, held over it, all of it estimated.</summary>
    Hold,
}

/// <summary>The rules of metering that a site may choose. Defaults are the product's.</summary>
public sealed record MeteringOptions
{
    public static readonly MeteringOptions Default = new();

    /// <summary>Two power samples further apart than this are a gap, not a measurement.</summary>
    public TimeSpan MaxGap { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a reading may come out of order before it counts as late. Delays postings and points, never totals.</summary>
    public TimeSpan ReorderWindow { get; init; } = TimeSpan.FromSeconds(60);

    public GapPolicy GapPolicy { get; init; } = GapPolicy.Open;

    /// <summary>A gap longer than this stays open under every policy.</summary>
    public TimeSpan MaxEstimate { get; init; } = TimeSpan.FromHours(2);

    /// <summary>What no single device draws: bounds power readings, and registers of devices without a nameplate.</summary>
    public Power MaxDevicePower { get; init; } = new(5_000_000_000);

    /// <summary>The length of a window of the time series, and of its points.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>What one device's register can plausibly do (S7).</summary>
/// <param name="MaxPower">No register rises faster than this.</param>
/// <param name="DisplayStep">The register's resolution: what it may jump by at once.</param>
/// <param name="Modulus">Where the register wraps to zero; null where that is not declared.</param>
public readonly record struct MeterLimits(Power MaxPower, Energy DisplayStep, Energy? Modulus)
{
    /// <summary>True where <paramref name="energy"/> can have passed in <paramref name="milliseconds"/>.</summary>
    public bool IsPlausible(Energy energy, long milliseconds) =>
        (Int128)(energy.MicrowattHours - DisplayStep.MicrowattHours) * 3600 <= (Int128)MaxPower.Milliwatts * milliseconds;
}
