using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Tests.Finance;
using Microsoft.Data.Sqlite;
using Xunit;

namespace FleetMonitor.Tests.Ledger;

/// <summary>A ledger of schema 1 with real content: the tables that version had, filled from a ledger that the pipeline wrote.</summary>
public class MigrationTests
{
    private const string Site = """{"id":"aksu","timeZone":"Asia/Almaty","devices":[{"id":"rig-1","role":"rig"}]}""";

    private static readonly Sent[] Readings =
        [.. Enumerable.Range(0, 60).Select(minute => new Sent("rig-1", $"2026-09-30T12:{minute:00}:00+05:00", PowerW: 3_000m))];

    [Fact]
    public async Task LedgerOfVersion1_OpenedForWriting_KeepsItsBooks_AndPostsThem()
    {
        using BookRoom room = await Version1Async();

        Assert.NotNull((await room.CloseAsync("aksu", "2026-Q3", "A. Person")).Filing);

        Assert.Equal(["aksu/rig-1 2026-09-30 0 kWh 2.95 kWh 0 kWh"], room.DeviceDays());
        Assert.Equal(["1 accrual rig-1 2026-09-30 2.95 kWh"], room.Postings());
        Assert.Null(room.Fault());
        Assert.Equal(LedgerSchema.Current, Version(room));
    }

    [Fact]
    public async Task LedgerOfVersion1_ReadOnly_SaysHowItIsBroughtUpToDate()
    {
        using BookRoom room = await Version1Async();

        LedgerException refusal = Assert.Throws<LedgerException>(() => LedgerReader.Open(room.Ledger));

        Assert.Contains($"an older version (schema 1, this one reads {LedgerSchema.Current}): start 'fleetmonitor run' once", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1L, Version(room));
    }

    [Fact]
    public async Task LedgerOfVersion2_KeepsItsChain_AndPostsOnlyWhatWasDue()
    {
        using BookRoom room = await Version2Async();

        Assert.Equal(1, await room.PostSettledAsync());

        Assert.Equal(
            [
                "1 accrual rig-1 2026-09-29 1 kWh", "2 accrual rig-1 2026-09-29 -0.5 kWh", "3 turnover - 2026-09-30 0 kWh 1000 KZT",
                "4 accrual rig-1 2026-09-28 2 kWh", "5 accrual rig-1 2026-09-30 2.9 kWh",
            ],
            room.Postings());
        // Chain, sums and accounts hold; the two days that were written in have no readings.
        Assert.StartsWith("evidence: aksu/rig-1 on 2026-09-28", room.Fault(), StringComparison.Ordinal);
        Assert.Equal(LedgerSchema.Current, Version(room));
    }

    /// <summary>A ledger of schema 4 had no seals: all that stands in it is sealed as it is, and what is written from then on as it is written.</summary>
    [Fact]
    public async Task LedgerOfVersion4_IsSealedAsItStands_AndSaysHowFarItIs()
    {
        using var room = new BookRoom(Site, "2026-10-03T00:00:00+05:00");
        await room.ReplayAsync("aksu", Readings);
        string[] books = room.DeviceDays();
        using (var connection = new SqliteConnection($"Data Source={room.Ledger.Database};Pooling=False"))
        {
            connection.Open();
            BackToVersion5(connection);
            foreach (string trigger in Names(connection, "SELECT name FROM sqlite_schema WHERE name LIKE 'sealed!_%' ESCAPE '!'"))
            {
                Execute(connection, $"DROP TRIGGER {trigger}");
            }

            Execute(connection, "DROP TABLE row_seal; PRAGMA user_version = 4");
        }

        var said = new List<string>();
        LedgerWriter.Open(room.Ledger, said.Add).Dispose();

        Assert.Equal([$"{room.Ledger.Database} is brought from schema 4 to 5", $"{room.Ledger.Database} is brought from schema 5 to 6"], said);
        Assert.Equal(books, room.DeviceDays());
        Assert.Null(room.Fault());
        Assert.NotNull((await room.CloseAsync("aksu", "2026-Q3", "A. Person")).Filing);
        Assert.Null(room.Fault());
        room.Tamper("UPDATE device SET first_seen = first_seen + 1");
        Assert.StartsWith("rows: ", room.Fault(), StringComparison.Ordinal);
    }

    /// <summary>The triggers of schema 5 kept the same seals in more steps, and counted each block of kept readings as it came.</summary>
    [Fact]
    public async Task LedgerOfVersion5_KeepsItsSeals_AndCountsWhatIsKept()
    {
        using var room = new BookRoom(Site, "2026-10-03T00:00:00+05:00");
        await room.ReplayAsync("aksu", Readings);
        using (SqliteConnection connection = Open(room))
        {
            BackToVersion5(connection);
        }

        await room.ReplayAsync("aksu", [.. Readings.Select(reading => reading with { At = reading.At.Replace("T12", "T13", StringComparison.Ordinal) })]);

        Assert.Null(room.Fault());
        Assert.Equal(LedgerSchema.Current, Version(room));
        using SqliteConnection after = Open(room);
        Assert.Equal(
            Names(after, "SELECT count(*) || ' ' || sum(length(before) + length(readings)) FROM evidence"),
            Names(after, "SELECT blocks || ' ' || bytes FROM evidence_size"));
    }

    [Fact]
    public async Task LedgerOfVersion5_ChangedBehindItsBack_IsNotSealedAnew()
    {
        using var room = new BookRoom(Site, "2026-10-03T00:00:00+05:00");
        await room.ReplayAsync("aksu", Readings);
        using (SqliteConnection connection = Open(room))
        {
            BackToVersion5(connection);
            Execute(connection, "UPDATE row_seal SET rows = rows + 1 WHERE name = 'device'");
        }

        LedgerWriter.Open(room.Ledger).Dispose();

        Assert.StartsWith("rows: table device", room.Fault(), StringComparison.Ordinal);
    }

    [Fact]
    public void NewLedger_SaysNothingOfMigration()
    {
        using var room = new BookRoom(Site, "2026-10-03T00:00:00+05:00");
        var said = new List<string>();

        LedgerWriter.Open(room.Ledger, said.Add).Dispose();

        Assert.Empty(said);
    }

    /// <summary>A ledger of schema 2: three postings of metered energy and one by hand, a row each; the third day is still due.</summary>
    private static async Task<BookRoom> Version2Async()
    {
        BookRoom room = await Version1Async();
        using var connection = new SqliteConnection($"Data Source={room.Ledger.Database};Pooling=False");
        connection.Open();
        LedgerSchema.Migrate(connection, room.Ledger.Database, upTo: 2);
        Execute(
            connection,
            $"INSERT INTO device_day VALUES (0, {Day(29)}, 0, 500000000, 0, 0, 500000000, 0), (0, {Day(28)}, 0, 2000000000, 0, 0, 2000000000, 0);"
            + $"INSERT INTO account_day VALUES ('aksu', {Day(29)}, 'Metered', '', 0, 500000000, 0), ('aksu', {Day(28)}, 'Metered', '', 0, 2000000000, 0);");
        PostingHead head = PostingHead.Genesis;
        var posted = new Instant(1_790_000_000_000);
        foreach ((PostingKind kind, int day, long energy) in (IEnumerable<(PostingKind, int, long)>)
                 [(PostingKind.Accrual, 29, 1_000_000_000), (PostingKind.Accrual, 29, -500_000_000), (PostingKind.Turnover, 30, 0), (PostingKind.Accrual, 28, 2_000_000_000)])
        {
            bool turnover = kind == PostingKind.Turnover;
            Posting posting = PostingChain.Append(
                head,
                new PostingDraft
                {
                    Kind = kind, Site = "aksu", Device = turnover ? null : "rig-1", Day = new DateOnly(2026, 9, day),
                    Energy = new EnergyByQuality(default, new Energy(energy), default), Charge = turnover ? "kz-astana-hub-royalty" : null,
                    Amount = turnover ? new Money(1_000m, "KZT") : null, Reason = turnover ? "invoice 7" : null, By = turnover ? "A. Person" : null,
                },
                posted);
            head = PostingHead.Of(posting);
            Execute(
                connection,
                $"INSERT INTO posting VALUES ({posting.Seq}, {posted.UnixMilliseconds}, {(int)kind}, 'aksu', {(turnover ? "NULL" : "0")}, {Day(day)}, 0, {energy}, 0, "
                + (turnover ? "'kz-astana-hub-royalty', '1000', 'KZT', 'invoice 7', 'A. Person'" : "NULL, NULL, NULL, NULL, NULL") + $", x'{posting.Hash}')");
        }

        return room;

        static int Day(int ofSeptember) => new DateOnly(2026, 9, ofSeptember).DayNumber;
    }

    [Fact]
    public async Task AnomalyOfAnOlderVersion_AfterTheMigration_StandsForItself_AndHasNoHistory()
    {
        using BookRoom room = await Version1Async();
        const string Json =
            """{"id":"offline-x","site":"aksu","device":null,"kind":"session-gap","severity":"warning","raised":"2026-10-02T18:50:00.000Z","cleared":null,"score":1,"text":"t","evidence":{},"kwhPerDay":0,"levyPerDay":null}""";
        room.Tamper(
            $"INSERT INTO anomaly VALUES ('offline-x', 'aksu', '', 'session-gap', 'warning', 1790967000000, NULL, '{Json}')", withoutTriggers: false);

        await using (Engine engine = room.Open(clockFromMessages: false))
        {
            await engine.StartAsync();
            await engine.Loop.StopAsync();
        }

        using LedgerReader reader = LedgerReader.Open(room.Ledger);
        AnomalyRecord anomaly = Assert.Single(reader.StandingAnomalies());
        Assert.Equal(("offline-x", null), (anomaly.Id, anomaly.Cause));
        Assert.Empty(reader.AlertEvents("offline-x"));
        Assert.Equal(0, reader.LastAlertEvent());
    }

    private static SqliteConnection Open(BookRoom room)
    {
        var connection = new SqliteConnection($"Data Source={room.Ledger.Database};Pooling=False");
        connection.Open();
        return connection;
    }

    /// <summary>What schema 6 left out is put back, and the seal of one table is kept as it was then.</summary>
    private static void BackToVersion5(SqliteConnection connection) => Execute(
        connection,
        """
        DROP TRIGGER IF EXISTS sealed_due_day_comes;
        DROP TRIGGER IF EXISTS sealed_due_day_changes;
        DROP TRIGGER IF EXISTS sealed_due_day_moves;
        CREATE TRIGGER sealed_due_day_comes AFTER INSERT ON due_day BEGIN
            INSERT INTO row_seal SELECT coalesce(NEW."device", ''), 'due_day', 0, zeroblob(16)
                WHERE NOT EXISTS (SELECT 1 FROM row_seal WHERE part = coalesce(NEW."device", '') AND name = 'due_day');
            UPDATE row_seal SET rows = rows + 1, seal = seal_plus(seal, 'due_day', NEW."device", NEW."day")
                WHERE part = coalesce(NEW."device", '') AND name = 'due_day';
        END;
        CREATE TRIGGER evidence_comes AFTER INSERT ON evidence
            BEGIN UPDATE evidence_size SET blocks = blocks + 1, bytes = bytes + length(NEW.before) + length(NEW.readings); END;
        PRAGMA user_version = 5;
        """);

    private static async Task<BookRoom> Version1Async()
    {
        var room = new BookRoom(Site, "2026-10-03T00:00:00+05:00");
        await room.ReplayAsync("aksu", Readings);
        string written = room.PathOf("written.db");
        File.Move(room.Ledger.Database, written);
        using var connection = new SqliteConnection($"Data Source={room.Ledger.Database};Pooling=False");
        connection.Open();
        LedgerSchema.Migrate(connection, room.Ledger.Database, upTo: 1);
        Execute(connection, $"ATTACH '{written}' AS written; DELETE FROM state");
        foreach (string table in Names(connection, "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"))
        {
            string columns = string.Join(", ", Names(connection, $"SELECT '\"' || name || '\"' FROM pragma_table_info('{table}', 'main')"));
            Execute(connection, $"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM written.{table}");
        }

        return room;
    }

    private static List<string> Names(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        using SqliteDataReader reader = command.ExecuteReader();
        var names = new List<string>();
        while (reader.Read())
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Version(BookRoom room)
    {
        using var connection = new SqliteConnection($"Data Source={room.Ledger.Database};Pooling=False;Mode=ReadOnly");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA user_version";
        return (long)command.ExecuteScalar()!;
    }
}
