using FleetMonitor.Anomalies;
using FleetMonitor.Ledger;
using FleetMonitor.Metering;

namespace FleetMonitor.Service.Pipeline;

/// <summary>What one batch did to the devices of a shard, beside their state.</summary>
internal sealed class ShardOutput
{
    private const int MostWindowsKept = 1_024;

    public List<(TrackedDevice Device, DeviceWindow Window)> Windows { get; } = [];

    public List<AnomalyChange> Anomalies { get; } = [];

    public List<LateReading> TooLate { get; } = [];

    public int Duplicates { get; set; }

    public int Conflicts { get; set; }

    public int Late { get; set; }

    public void Clear()
    {
        ClearWindows();
        Anomalies.Clear();
        TooLate.Clear();
        Duplicates = 0;
        Conflicts = 0;
        Late = 0;
    }

    /// <summary>All devices complete a window at once: room for that many is not kept until the next one.</summary>
    private void ClearWindows()
    {
        Windows.Clear();
        if (Windows.Capacity > MostWindowsKept)
        {
            Windows.Capacity = 0;
        }
    }
}
