using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Metering;

/// <summary>What metering noticed about a device's readings, beside the energy. Each is listed; none stops the books.</summary>
public enum MeterEventKind : byte
{
    /// <summary>Two messages of one device and time disagreed; the greatest value counted (S3).</summary>
    Conflict,

    /// <summary>The register fell, but stayed at or above 0.9 of the highest: noise, no energy (S7).</summary>
    RegisterNoise,

    /// <summary>The register passed its modulus and went on from zero (S7).</summary>
    RegisterRollover,

    /// <summary>The register restarted; its new value is the energy since (S7).</summary>
    RegisterReset,

    /// <summary>The register restarted at a value too high to be energy since: nothing counted, a new baseline (S7).</summary>
    RegisterReplaced,

    /// <summary>The register rose by more than the device can draw: nothing counted, a new baseline (S7).</summary>
    RegisterImplausible,
}

/// <param name="At">The time of the reading that showed it.</param>
/// <param name="Before">For registers: the highest value before, in the register's unit.</param>
/// <param name="After">For registers: the value that came.</param>
public readonly record struct MeterEvent(Instant At, MeterEventKind Kind, Energy Before = default, Energy After = default);
