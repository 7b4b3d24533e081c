using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;

namespace FleetMonitor.Ledger;

/// <summary>The ledger as it stood at one moment: what brings the pipeline back to where it was.</summary>
public interface ILedgerSnapshot
{
    /// <summary>The newest batch in the ledger, zero where there is none.</summary>
    long LastSequence { get; }

    /// <summary>A small named value; null where there is none.</summary>
    byte[]? State(string key);

    /// <summary>All devices by number, without holes.</summary>
    IEnumerable<DeviceRow> Devices();

    /// <summary>The newest checkpoint of each device.</summary>
    IEnumerable<DeviceStateRow> DeviceStates();

    /// <summary>The batches that some checkpoint does not hold yet, oldest first.</summary>
    IEnumerable<JournalRow> Journal();

    /// <summary>The messages to know again, should a broker deliver them once more.</summary>
    IEnumerable<Redelivery> Redeliveries();

    /// <summary>Points that wait to be sent, oldest first.</summary>
    /// <param name="after">The last entry that is not wanted; zero for all.</param>
    IEnumerable<OutboxRow> Outbox(long after, int limit);

    /// <summary>How much waits to be sent; and the oldest window of it, null where nothing does.</summary>
    (long Entries, long Bytes, Instant? Oldest) OutboxDepth();

    /// <summary>All anomalies that have not cleared, oldest first.</summary>
    IEnumerable<AnomalyRecord> StandingAnomalies();

    /// <summary>An anomaly, standing or not; null where there is none of that id.</summary>
    AnomalyRecord? Anomaly(string id);
}
