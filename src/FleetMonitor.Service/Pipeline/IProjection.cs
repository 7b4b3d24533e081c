using FleetMonitor.Anomalies;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Metering;

namespace FleetMonitor.Service.Pipeline;

/// <summary>
/// Makes points for the time-series store out of what a batch completed, into the same commit: they are durable with the readings they come
/// from, and leave the outbox when the store has them.
/// </summary>
internal interface IProjection
{
    void Add(TrackedDevice device, in DeviceWindow window);

    void Add(in AnomalyChange change);

    /// <summary>Time has passed: what is complete by now can be made.</summary>
    void Tick(Instant now, ShardSet shards);

    /// <summary>Puts everything gathered into the commit.</summary>
    void Complete(LedgerCommit commit);
}
