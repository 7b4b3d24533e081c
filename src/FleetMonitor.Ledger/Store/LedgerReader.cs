using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry;
using Microsoft.Data.Sqlite;

namespace FleetMonitor.Ledger.Store;

/// <summary>One committed batch as the journal holds it.</summary>
public sealed record JournalRow(long Sequence, Instant Now, byte[] Entries);

public sealed record DeviceRow(int Id, DeviceKey Key, Instant FirstSeen);

public sealed record DeviceStateRow(int DeviceId, long AppliedSequence, byte[] State);

public sealed record GapRow(DeviceKey Key, Gap Gap);

public sealed record MeterEventRow(DeviceKey Key, MeterEvent Event);

public sealed record QuarantineRow(long Id, QuarantineEntry Entry);

public sealed record OutboxRow(long Id, OutboxEntry Entry);

public sealed record AlertEventRow(long Sequence, AlertEvent Event);

/// <summary>
/// The ledger as it stood at one moment, beside the one that writes it or without any. Opened read-only: it never writes and never
/// checkpoints. One thread at a time.
/// </summary>
public sealed partial class LedgerReader : ILedgerSnapshot, IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly long _lastJournal;
    private Dictionary<int, DeviceKey>? _keys;

    private LedgerReader(SqliteConnection connection)
    {
        _connection = connection;
        // The first read after it pins the snapshot.
        LedgerSchema.Execute(connection, "BEGIN");
        _lastJournal = Number("SELECT coalesce(max(sequence), 0) FROM journal");
    }

    /// <summary>The newest batch in the ledger, zero where there is none. Walks all checkpoints: for who reads them anyway.</summary>
    public long LastSequence => Math.Max(_lastJournal, Number("SELECT coalesce(max(applied), 0) FROM device_state"));

    /// <exception cref="LedgerException">There is no ledger, or it cannot be read.</exception>
    public static LedgerReader Open(LedgerFiles files)
    {
        if (!files.Exist)
        {
            throw new LedgerException(
                $"There is no ledger in {files.Directory}. Set Ledger:Directory, or let 'fleetmonitor run' make one.");
        }

        SqliteConnection connection = files.OpenReader();
        try
        {
            return new LedgerReader(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public byte[]? State(string key) => Query(row => (byte[])row[0], "SELECT value FROM state WHERE key = $1", key).FirstOrDefault();

    public IEnumerable<DeviceRow> Devices() => Query(
        row => new DeviceRow(row.GetInt32(0), new DeviceKey(row.GetString(1), row.GetString(2)), new Instant(row.GetInt64(3))),
        "SELECT id, site, device, first_seen FROM device ORDER BY id");

    public IEnumerable<DeviceStateRow> DeviceStates() => Query(
        DeviceState, "SELECT device, applied, state FROM device_state");

    public IEnumerable<JournalRow> Journal() => Query(
        row => new JournalRow(
            row.GetInt64(0),
            new Instant(row.GetInt64(1)),
            Sealed.Open((byte[])row[2], $"batch {row.GetInt64(0)}", row.GetInt64(0), row.GetInt64(1))),
        "SELECT sequence, now, entries FROM journal ORDER BY sequence");

    /// <summary>The books as of the newest checkpoint of each device: local days <c>from ≤ day &lt; to</c>.</summary>
    public IEnumerable<DeviceDay> DeviceDays(DateOnly? from, DateOnly? to, string? site)
    {
        using var days = new IntegerQuery(
            _connection,
            "SELECT day, register, integrated, estimated FROM device_day WHERE device = ?1 AND day >= ?2 AND day < ?3 ORDER BY day");
        foreach ((int id, DeviceKey key) in Keys.Where(device => site is null || device.Value.Site == site))
        {
            days.Start(id, (from ?? DateOnly.MinValue).DayNumber, (to ?? DateOnly.MaxValue).DayNumber);
            while (Next(days))
            {
                yield return new DeviceDay(
                    key,
                    DateOnly.FromDayNumber((int)days[0]),
                    new EnergyByQuality(new Energy(days[1]), new Energy(days[2]), new Energy(days[3])));
            }
        }
    }

    /// <summary>The same of one device.</summary>
    public IEnumerable<(DateOnly Day, EnergyByQuality Energy)> DeviceDays(int device, DateOnly from, DateOnly to) => Query(
        row => (DateOnly.FromDayNumber(row.GetInt32(0)), Energy(row, 1)),
        "SELECT day, register, integrated, estimated FROM device_day WHERE device = $1 AND day >= $2 AND day < $3 ORDER BY day",
        device,
        from.DayNumber,
        to.DayNumber);

    public IEnumerable<(Account Account, DateOnly Day, EnergyByQuality Energy)> AccountDays(DateOnly? from, DateOnly? to, string? site) => Query(
        row => (
            new Account(row.GetString(0), row.GetString(2), row.GetString(3)), DateOnly.FromDayNumber(row.GetInt32(1)), Energy(row, 4)),
        """
        SELECT site, day, class, tenant, register, integrated, estimated FROM account_day
        WHERE ($1 IS NULL OR site = $1) AND day >= $2 AND day < $3
        """,
        site,
        (from ?? DateOnly.MinValue).DayNumber,
        (to ?? DateOnly.MaxValue).DayNumber);

    /// <summary>Gaps that touch <c>from ≤ t &lt; to</c>.</summary>
    public IEnumerable<GapRow> Gaps(string? site, Instant from, Instant to) => Query(
        row => new GapRow(
            new DeviceKey(row.GetString(0), row.GetString(1)),
            new Gap(
                new Instant(row.GetInt64(2)), new Instant(row.GetInt64(3)), (GapReason)row.GetInt32(4), new Instant(row.GetInt64(5)))),
        """
        SELECT d.site, d.device, g.start, g.end, g.reason, g.found FROM gap g JOIN device d ON d.id = g.device
        WHERE ($1 IS NULL OR d.site = $1) AND g.end > $2 AND g.start < $3 ORDER BY d.site, d.device, g.start
        """,
        site,
        from.UnixMilliseconds,
        to.UnixMilliseconds);

    public IEnumerable<MeterEventRow> MeterEvents(string? site, Instant from, Instant to) => Query(
        row => new MeterEventRow(
            new DeviceKey(row.GetString(0), row.GetString(1)),
            new MeterEvent(
                new Instant(row.GetInt64(2)), (MeterEventKind)row.GetInt32(3), new Energy(row.GetInt64(4)), new Energy(row.GetInt64(5)))),
        """
        SELECT d.site, d.device, e.at, e.kind, e.before, e.after FROM meter_event e JOIN device d ON d.id = e.device
        WHERE ($1 IS NULL OR d.site = $1) AND e.at >= $2 AND e.at < $3 ORDER BY d.site, d.device, e.at, e.kind
        """,
        site,
        from.UnixMilliseconds,
        to.UnixMilliseconds);

    /// <summary>One device's gaps that touch <c>from ≤ t &lt; to</c>.</summary>
    public IEnumerable<Gap> GapsOf(int device, Instant from, Instant to) => Query(
        row => new Gap(new Instant(row.GetInt64(0)), new Instant(row.GetInt64(1)), (GapReason)row.GetInt32(2), new Instant(row.GetInt64(3))),
        "SELECT start, end, reason, found FROM gap WHERE device = $1 AND end > $2 AND start < $3 ORDER BY start",
        device,
        from.UnixMilliseconds,
        to.UnixMilliseconds);

    public IEnumerable<MeterEvent> MeterEventsOf(int device, Instant from, Instant to) => Query(
        row => new MeterEvent(
            new Instant(row.GetInt64(0)), (MeterEventKind)row.GetInt32(1), new Energy(row.GetInt64(2)), new Energy(row.GetInt64(3))),
        "SELECT at, kind, before, after FROM meter_event WHERE device = $1 AND at >= $2 AND at < $3 ORDER BY at, kind",
        device,
        from.UnixMilliseconds,
        to.UnixMilliseconds);

    public IReadOnlyList<ReadingBlock> BlocksFrom(int device, Instant from) => EvidenceQueries.BlocksFrom(_connection, device, from);

    public IEnumerable<SessionGap> SessionGaps() => Query(
        row => new SessionGap(row.GetString(0), new Instant(row.GetInt64(1)), new Instant(row.GetInt64(2)), row.GetString(3)),
        "SELECT source, start, end, detail FROM session_gap ORDER BY start");

    public IEnumerable<Redelivery> Redeliveries() => Query(
        row => new Redelivery(row.GetString(0), (ushort)row.GetInt32(1), (ulong)row.GetInt64(2)),
        "SELECT source, packet, fingerprint FROM redelivery");

    public IEnumerable<OutboxRow> Outbox(long after, int limit) => Query(
        row => new OutboxRow(
            row.GetInt64(0), new OutboxEntry(new Instant(row.GetInt64(1)), row.GetInt32(2), (byte[])row[3])),
        "SELECT id, windows, points, lines FROM outbox WHERE id > $1 ORDER BY id LIMIT $2",
        after,
        limit);

    public (long Entries, long Bytes, Instant? Oldest) OutboxDepth() => Query(
        row => (row.GetInt64(0), row.GetInt64(1), row.IsDBNull(2) ? (Instant?)null : new Instant(row.GetInt64(2))),
        "SELECT count(*), coalesce(sum(length(lines)), 0), min(windows) FROM outbox").Single();

    public IEnumerable<PointReject> PointRejects(int limit) => Query(
        row => new PointReject(new Instant(row.GetInt64(0)), row.GetString(1), row.GetInt32(2), (byte[])row[3]),
        "SELECT at, reason, points, lines FROM point_reject ORDER BY id DESC LIMIT $1",
        limit);

    public long LateReadings() => Number("SELECT count(*) FROM late_reading");

    public void Dispose()
    {
        _connection.Dispose();
    }

    private static DeviceStateRow DeviceState(SqliteDataReader row) => new(
        row.GetInt32(0),
        row.GetInt64(1),
        Sealed.Open((byte[])row[2], $"the state of device {row.GetInt32(0)}", row.GetInt32(0), row.GetInt64(1)));

    private static EnergyByQuality Energy(SqliteDataReader row, int at) => PostingQueries.Energy(row, at);

    private static bool Next(IntegerQuery statement)
    {
        try
        {
            return statement.Next();
        }
        catch (SqliteException e)
        {
            throw SqliteFailures.Named(e);
        }
    }

    private IEnumerable<T> Query<T>(Func<SqliteDataReader, T> row, string sql, params object?[] values)
    {
        using var statement = new ReadStatement(_connection, sql);
        using IEnumerator<T> results = statement.Query(row, values).GetEnumerator();
        while (true)
        {
            try
            {
                if (!results.MoveNext())
                {
                    yield break;
                }
            }
            catch (SqliteException e)
            {
                throw SqliteFailures.Named(e);
            }

            yield return results.Current;
        }
    }

    private long Number(string sql) => Query(row => row.GetInt64(0), sql).Single();
}
