using System.Globalization;
using FleetMonitor.Fleet.Units;
using Microsoft.Data.Sqlite;

namespace FleetMonitor.Ledger.Store;

/// <summary>What is and was wrong with the fleet, and what became of it.</summary>
public sealed partial class LedgerReader
{
    private const string AnomalyColumns = "SELECT id, site, device, kind, severity, raised, cleared, cause, json FROM anomaly ";

    /// <summary>Anomalies, newest first.</summary>
    /// <param name="after">Where the page before ended; null for the first.</param>
    public IEnumerable<AnomalyRecord> Anomalies(AnomalyFilter filter, (Instant Raised, string Id)? after, int limit)
    {
        (string where, object?[] values) = filter.Where(after);
        return Query(Anomaly, AnomalyColumns + where + string.Create(CultureInfo.InvariantCulture, $" ORDER BY raised DESC, id LIMIT {limit}"), values);
    }

    /// <inheritdoc/>
    public AnomalyRecord? Anomaly(string id) => Query(Anomaly, AnomalyColumns + "WHERE id = $1", id).FirstOrDefault();

    /// <inheritdoc/>
    public IEnumerable<AnomalyRecord> StandingAnomalies() =>
        Query(Anomaly, AnomalyColumns + "INDEXED BY anomaly_standing WHERE cleared IS NULL ORDER BY raised, id");

    /// <summary>How many anomalies stand for themselves and have not cleared, by severity.</summary>
    public IReadOnlyDictionary<string, long> ActiveAnomalies() => Query(
        row => (row.GetString(0), row.GetInt64(1)),
        "SELECT severity, count(*) FROM anomaly INDEXED BY anomaly_standing WHERE cleared IS NULL AND cause IS NULL GROUP BY severity")
        .ToDictionary(count => count.Item1, count => count.Item2);

    /// <summary>What became of one anomaly, oldest first.</summary>
    public IEnumerable<AlertEventRow> AlertEvents(string anomaly) =>
        Query(AlertEvent, "SELECT seq, at, anomaly, event, told, person, reason, json FROM alert_event WHERE anomaly = $1 ORDER BY seq", anomaly);

    /// <summary>What those outside are to be told, oldest first.</summary>
    public IEnumerable<AlertEventRow> AlertEventsToTell(long after, int limit) => Query(
        AlertEvent,
        "SELECT seq, at, anomaly, event, told, person, reason, json FROM alert_event WHERE seq > $1 AND told ORDER BY seq LIMIT $2",
        after,
        limit);

    /// <summary>The newest step of any alert; zero where there is none.</summary>
    public long LastAlertEvent() => Number("SELECT coalesce(max(seq), 0) FROM alert_event");

    private static AnomalyRecord Anomaly(SqliteDataReader row) => new(
        row.GetString(0),
        row.GetString(1),
        row.GetString(2),
        row.GetString(3),
        row.GetString(4),
        new Instant(row.GetInt64(5)),
        row.IsDBNull(6) ? null : new Instant(row.GetInt64(6)),
        Text(row, 7),
        row.GetString(8));

    private static AlertEventRow AlertEvent(SqliteDataReader row) => new(
        row.GetInt64(0),
        new AlertEvent(
            new Instant(row.GetInt64(1)), row.GetString(2), row.GetString(3), row.GetInt64(4) != 0, Text(row, 5), Text(row, 6), row.GetString(7)));

    private static string? Text(SqliteDataReader row, int at) => row.IsDBNull(at) ? null : row.GetString(at);
}
