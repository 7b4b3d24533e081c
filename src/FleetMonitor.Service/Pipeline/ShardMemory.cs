using FleetMonitor.Anomalies;
using FleetMonitor.Metering;

namespace FleetMonitor.Service.Pipeline;

/// <summary>What devices that have one writer share: the pages of their readings, and the watch that is set up for one of them at a time.</summary>
internal sealed class ShardMemory
{
    public ReadingPages Pages { get; } = new();

    /// <summary>Remembers whichever device it was set up for last.</summary>
    public DeviceWatch Watch { get; } = new();
}
