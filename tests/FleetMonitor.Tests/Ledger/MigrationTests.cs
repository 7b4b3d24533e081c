using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
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
        Assert.Equal(2L, Version(room));
    }

    [Fact]
    public async Task LedgerOfVersion1_ReadOnly_SaysHowItIsBroughtUpToDate()
    {
        using BookRoom room = await Version1Async();

        LedgerException refusal = Assert.Throws<LedgerException>(() => LedgerReader.Open(room.Ledger));

        Assert.Contains("an older version (schema 1, this one reads 2): start 'fleetmonitor run' once", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1L, Version(room));
    }

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
