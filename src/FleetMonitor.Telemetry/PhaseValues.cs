namespace FleetMonitor.Telemetry;

public enum PhaseQuantity : byte
{
    /// <summary>Nothing was reported by phase.</summary>
    None = 0,

    /// <summary>Milliwatts.</summary>
    Power = 1,

    /// <summary>Milliamperes.</summary>
    Current = 2,
}

/// <summary>
/// What a device reports of each of its three phases, all three or none. It is looked at and never metered: no energy and no money follows
/// from it, and a message is no worse for a phase that cannot be read.
/// </summary>
/// <param name="Quantity">What the values are, and with it their unit; <see cref="PhaseQuantity.None"/> where they mean nothing.</param>
public readonly record struct PhaseValues(PhaseQuantity Quantity, long A, long B, long C)
{
    public bool IsPresent => Quantity != PhaseQuantity.None;
}
