using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Service.Simulator;

/// <summary>What one device measures at one moment, as it will publish it, and what the truth needs to know about it.</summary>
public readonly record struct SimulatedSample
{
    /// <summary>Index of the device, 0 for <c>rig-1</c>.</summary>
    public required int Device { get; init; }

    public required Instant SampledAt { get; init; }

    /// <summary>The timestamp as published: <see cref="SampledAt"/> unless the device's clock is off.</summary>
    public required Instant Timestamp { get; init; }

    /// <summary>Mean over the last second, to 0.1 W.</summary>
    public required Power Power { get; init; }

    /// <summary>The register, floored to 0.1 Wh; null where the device publishes none.</summary>
    public required Energy? Register { get; init; }

    /// <summary>To 0.1 TH/s.</summary>
    public required HashRate HashRate { get; init; }

    /// <summary>To 0.1 °C.</summary>
    public required Temperature Temperature { get; init; }

    public required bool Mining { get; init; }

    /// <summary>All that the device has drawn up to <see cref="SampledAt"/>, in mW · ms: the integral of its signal.</summary>
    public required long DrawnMilliwattMilliseconds { get; init; }

    /// <summary>How long after the sample it is sent.</summary>
    public TimeSpan Delay { get; init; }

    public bool SentTwice { get; init; }
}
