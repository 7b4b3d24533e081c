using FleetMonitor.Benchmarks.Measuring;

namespace FleetMonitor.Benchmarks.Scale;

internal enum ScaleMode
{
    /// <summary>The same readings a second, of however many devices.</summary>
    FixedRate,

    /// <summary>Each device as often, however many there are.</summary>
    FixedInterval,
}

/// <summary>One number of devices in one mode, by one way in.</summary>
/// <param name="ThroughBroker">By way of mosquitto; else in process.</param>
/// <param name="Cpu">CPU seconds per million readings: the service.</param>
/// <param name="SubscriberCpu">The same of a mosquitto_sub beside it; null in process.</param>
/// <param name="BrokerCpu">The same of mosquitto, for both; null in process.</param>
/// <param name="CommitMilliseconds">Mean of a slice.</param>
/// <param name="ManagedMegabytes">In use after a collection; null through the broker.</param>
internal sealed record ScalePoint(
    ScaleMode Mode,
    bool ThroughBroker,
    int Devices,
    double Rate,
    Spread PerSecond,
    Spread Cpu,
    Spread? SubscriberCpu,
    Spread? BrokerCpu,
    Spread CommitMilliseconds,
    double ResidentMegabytes,
    double? ManagedMegabytes);
