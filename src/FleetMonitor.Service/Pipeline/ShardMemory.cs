using FleetMonitor.Anomalies;
using FleetMonitor.Metering;

namespace FleetMonitor.Service.Pipeline;

/// <summary>
/// What devices that have one writer share: the pages of their readings, which each of them has at hand anyway, the watch that is set up for one of
/// them at a time, and their terms.
/// </summary>
internal sealed class ShardMemory : ReadingPages
{
    /// <summary>Remembers whichever device it was set up for last.</summary>
    public DeviceWatch Watch { get; } = new();

    public SharedTerms Terms { get; } = new();
}
