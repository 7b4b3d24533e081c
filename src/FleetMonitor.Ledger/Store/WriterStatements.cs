using Microsoft.Data.Sqlite;

namespace FleetMonitor.Ledger.Store;

/// <summary>What the writer says to the database, in one place.</summary>
internal sealed class WriterStatements(SqliteConnection connection) : IDisposable
{
    private const string AddEnergy =
        " DO UPDATE SET register = register + excluded.register, integrated = integrated + excluded.integrated,"
        + " estimated = estimated + excluded.estimated";

    public TransactionStatements Transaction { get; } = new(connection);

    public WriteStatement State { get; } = new(connection, "INSERT OR REPLACE INTO state VALUES ($1, $2)");

    public WriteStatement Journal { get; } = new(connection, "INSERT INTO journal VALUES ($1, $2, $3)");

    public WriteStatement TrimJournal { get; } = new(connection, "DELETE FROM journal WHERE sequence < $1");

    public WriteStatement Device { get; } = new(connection, "INSERT INTO device VALUES ($1, $2, $3, $4)");

    public WriteStatement DeviceState { get; } = new(
        connection, "INSERT INTO device_state VALUES ($1, $2, $3) ON CONFLICT (device) DO UPDATE SET applied = excluded.applied, state = excluded.state");

    public WriteStatement DeviceDay { get; } = new(
        connection,
        "INSERT INTO device_day (device, day, register, integrated, estimated) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (device, day)" + AddEnergy);

    public WriteStatement AccountDay { get; } = new(
        connection,
        "INSERT INTO account_day VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (site, day, class, tenant)" + AddEnergy);

    public WriteStatement Gap { get; } = new(connection, "INSERT OR REPLACE INTO gap VALUES ($1, $2, $3, $4, $5)");

    public WriteStatement CoverGaps { get; } = new(connection, "DELETE FROM gap WHERE device = $1 AND start >= $2 AND reason = 0");

    public WriteStatement VoidGaps { get; } = new(connection, "DELETE FROM gap WHERE device = $1 AND found >= $2");

    public WriteStatement MeterEvent { get; } =
        new(connection, "INSERT OR REPLACE INTO meter_event VALUES ($1, $2, $3, $4, $5)");

    /// <summary>A conflict was found at the door, not by metering, and metering does not find it again.</summary>
    public WriteStatement VoidEvents { get; } =
        new(connection, "DELETE FROM meter_event WHERE device = $1 AND at >= $2 AND kind <> 0");

    public WriteStatement Evidence { get; } = new(connection, "INSERT INTO evidence VALUES ($1, $2, $3, $4, $5, $6)");

    public WriteStatement EvidenceCame { get; } = new(connection, "UPDATE evidence_size SET blocks = blocks + $1, bytes = bytes + $2");

    public WriteStatement DropBlocks { get; } = new(connection, "DELETE FROM evidence WHERE device = $1 AND first >= $2");

    public ReadStatement SizeOfEvidence { get; } = new(
        connection, "SELECT coalesce(sum(length(before) + length(readings)), 0) FROM evidence WHERE device = $1 AND first < $2 AND last < $2");

    public WriteStatement DropEvidence { get; } = new(connection, "DELETE FROM evidence WHERE device = $1 AND first < $2 AND last < $2");

    public WriteStatement Hours { get; } = new(connection, "INSERT OR REPLACE INTO device_hours VALUES ($1, $2, $3)");

    public WriteStatement HoursStand { get; } = new(connection, "INSERT OR REPLACE INTO device_hours_stand VALUES ($1, $2, $3)");

    public WriteStatement EvidenceDropped { get; } = new(
        connection,
        "INSERT INTO evidence_dropped VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (day, reason) DO UPDATE SET readings = readings + excluded.readings,"
        + " bytes = bytes + excluded.bytes, first = min(first, excluded.first), last = max(last, excluded.last)");

    public WriteStatement LateReading { get; } = new(connection, "INSERT OR IGNORE INTO late_reading VALUES ($1, $2, $3, $4)");

    public WriteStatement Quarantine { get; } = new(
        connection,
        "INSERT OR IGNORE INTO quarantine (received, source, reason, place, detail, topic, payload, fingerprint)"
        + " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");

    public WriteStatement QuarantineRetried { get; } = new(connection, "DELETE FROM quarantine WHERE id = $1");

    public WriteStatement TrimQuarantine { get; } = new(
        connection,
        "DELETE FROM quarantine WHERE id IN (SELECT id FROM quarantine WHERE id <= $1 ORDER BY id LIMIT $2)");

    public WriteStatement Anomaly { get; } =
        new(
            connection,
            "INSERT OR REPLACE INTO anomaly (id, site, device, kind, severity, raised, cleared, cause, json)"
            + " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)");

    public WriteStatement AlertEvent { get; } = new(
        connection,
        "INSERT INTO alert_event (at, anomaly, event, told, person, reason, json) VALUES ($1, $2, $3, $4, $5, $6, $7)");

    public WriteStatement Outbox { get; } = new(connection, "INSERT INTO outbox (windows, points, lines) VALUES ($1, $2, $3)");

    public WriteStatement OutboxDone { get; } = new(connection, "DELETE FROM outbox WHERE id = $1");

    public WriteStatement PointReject { get; } =
        new(connection, "INSERT INTO point_reject (at, reason, points, lines) VALUES ($1, $2, $3, $4)");

    public WriteStatement TrimPointRejects { get; } = new(
        connection, "DELETE FROM point_reject WHERE id <= (SELECT id FROM point_reject ORDER BY id DESC LIMIT 1 OFFSET $1)");

    public WriteStatement SessionGap { get; } =
        new(connection, "INSERT INTO session_gap (source, start, end, detail) VALUES ($1, $2, $3, $4)");

    public WriteStatement RedeliveryGone { get; } = new(connection, "DELETE FROM redelivery WHERE source = $1 AND packet = $2");

    public WriteStatement Redelivery { get; } = new(connection, "INSERT OR REPLACE INTO redelivery VALUES ($1, $2, $3)");

    public WriteStatement Posting { get; } = new(
        connection, "INSERT INTO posting VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)");

    public WriteStatement PostingPage { get; } = new(connection, PostingPages.Insert);

    public WriteStatement Due { get; } = new(connection, "INSERT OR IGNORE INTO due_day VALUES ($1, $2)");

    public WriteStatement NotDue { get; } = new(connection, "DELETE FROM due_day WHERE device = $1 AND day = $2");

    public ReadStatement ReadDeviceDay { get; } = new(
        connection, "SELECT register, integrated, estimated FROM device_day WHERE device = $1 AND day = $2");

    public WriteStatement FiledSource { get; } = new(connection, "INSERT OR IGNORE INTO filed_source VALUES ($1, $2)");

    public WriteStatement Filing { get; } = new(connection, "INSERT INTO filing VALUES ($1, $2, $3, $4, $5)");

    public void Dispose()
    {
        foreach (IDisposable statement in (IDisposable[])
                 [
                     Transaction, State, Journal, TrimJournal, Device, DeviceState, DeviceDay, AccountDay, Gap, CoverGaps, VoidGaps, MeterEvent, VoidEvents,
                     Evidence, EvidenceCame, DropBlocks, SizeOfEvidence, DropEvidence, Hours, HoursStand, EvidenceDropped, LateReading, Quarantine, QuarantineRetried, TrimQuarantine,
                     Anomaly, AlertEvent, Outbox, OutboxDone, PointReject,
                     TrimPointRejects, SessionGap, RedeliveryGone, Redelivery, Posting, PostingPage, Due, NotDue, ReadDeviceDay, FiledSource, Filing,
                 ])
        {
            statement.Dispose();
        }

    }
}
