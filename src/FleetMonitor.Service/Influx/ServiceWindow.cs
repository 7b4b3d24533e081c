using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Service.Influx;

/// <summary>What the service did in one window, and how it stood at its end. Counts are of the window alone, so that sums over any time are right.</summary>
internal sealed record ServiceWindow
{
    public required Instant Start { get; init; }

    public long Messages { get; init; }

    public long Readings { get; init; }

    public long Duplicates { get; init; }

    public long Late { get; init; }

    public long Quarantined { get; init; }

    public long Commits { get; init; }

    /// <summary>Time spent in commits.</summary>
    public TimeSpan Committing { get; init; }

    /// <summary>Brokers and the listener, as far as they are set.</summary>
    public int Sources { get; init; }

    /// <summary>Those of them that can receive.</summary>
    public int SourcesConnected { get; init; }

    /// <summary>Points that arrived at the time-series store.</summary>
    public long PointsSent { get; init; }

    /// <summary>Points that it refused for good, and that were let go for want of room.</summary>
    public long PointsLost { get; init; }

    public long OutboxBytes { get; init; }

    /// <summary>Age of the oldest point that waits.</summary>
    public TimeSpan OutboxLag { get; init; }

    public long LedgerBytes { get; init; }

    /// <summary>Room left on the ledger's disk.</summary>
    public long DiskFreeBytes { get; init; }

    public long MemoryBytes { get; init; }

    /// <summary>Processor time used: a second a second is one processor.</summary>
    public TimeSpan Processor { get; init; }

    /// <summary>Since the service started.</summary>
    public TimeSpan Uptime { get; init; }
}
