using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Simulation.Model;

/// <summary>All that the books of one device depend on. The order of the readings means nothing (S2).</summary>
public sealed record ModelInput(TimeZoneInfo Zone, ModelLimits Limits, ModelOptions Options, IReadOnlyList<Reading> Readings);

/// <summary>What a device can plausibly draw, and how its register counts (S7).</summary>
/// <param name="MaxPower">The most that it can draw on average between two register readings.</param>
/// <param name="Modulus">Where the register wraps to zero, where that is declared.</param>
/// <param name="DisplayStep">The register's resolution: a difference may be off by one step.</param>
public sealed record ModelLimits(Power MaxPower, Energy? Modulus = null, Energy DisplayStep = default);

/// <summary>What becomes of two power samples further apart than <see cref="ModelOptions.MaxGap"/> (S6).</summary>
public enum ModelGapPolicy
{
    Open,
    Interpolate,
    Hold,
}

/// <summary>The metering options (S6, S7, S11), with the defaults that the product documents.</summary>
public sealed record ModelOptions
{
    public static readonly ModelOptions Default = new();

    public TimeSpan MaxGap { get; init; } = TimeSpan.FromMinutes(5);

    public ModelGapPolicy GapPolicy { get; init; } = ModelGapPolicy.Open;

    public TimeSpan MaxEstimate { get; init; } = TimeSpan.FromHours(2);

    /// <summary>The limit of a device of which nothing else is known: 5 MW.</summary>
    public Power MaxDevicePower { get; init; } = new(5_000_000_000);
}
