using System.Net.Security;
using FleetMonitor.Service.Mqtt;

namespace FleetMonitor.Service.Simulator;

/// <summary>How a simulated fleet is published.</summary>
public sealed record SimulatorOptions
{
    public required BrokerAddress Broker { get; init; }

    /// <summary>What to ask of the broker's certificate; null for the system's usual demands.</summary>
    public Func<SslClientAuthenticationOptions>? Tls { get; init; }

    /// <summary>Time between the readings of a device; zero is as fast as the broker takes them.</summary>
    public required TimeSpan Interval { get; init; }

    public int Connections { get; init; } = 4;

    /// <summary>Null: until it is stopped.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Connections are named after it, <c>-1</c> to <c>-N</c>.</summary>
    public required string ClientIdPrefix { get; init; }

    public string? UserName { get; init; }

    public ReadOnlyMemory<byte>? Password { get; init; }
}

/// <summary>What has been published so far.</summary>
/// <param name="Messages">Messages made, duplicates included.</param>
/// <param name="Acknowledged">Messages that the broker acknowledged.</param>
/// <param name="Refused">Messages that the broker refused for good.</param>
/// <param name="Resent">Messages sent again after a connection was lost.</param>
/// <param name="Skipped">Readings that were not taken because the broker did not take earlier ones in time.</param>
/// <param name="Failure">Why publishing ended early, in a sentence.</param>
public sealed record SimulatorSummary(
    long Messages, long Acknowledged, long Refused, long Resent, long Skipped, TimeSpan Elapsed, string? Failure)
{
    public bool IsComplete => Failure is null && Acknowledged == Messages;
}
