using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using FleetMonitor.Ledger;
using FleetMonitor.Metering;

namespace FleetMonitor.Service.Pipeline;

/// <summary>What one batch did to the devices of a shard, beside their state.</summary>
internal sealed class ShardOutput
{
    /// <summary>All devices may complete a window at once.</summary>
    public SegmentedList<(TrackedDevice Device, DeviceWindow Window)> Windows { get; } = new();

    public List<AnomalyChange> Anomalies { get; } = [];

    public List<LateReading> TooLate { get; } = [];

    public int Duplicates { get; set; }

    public int Conflicts { get; set; }

    public int Late { get; set; }

    public void Clear()
    {
        Windows.Clear();
        Anomalies.Clear();
        TooLate.Clear();
        Duplicates = 0;
        Conflicts = 0;
        Late = 0;
    }
}
