using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Books;
using Microsoft.Data.Sqlite;
using Xunit;

namespace FleetMonitor.Tests.Finance;

/// <summary>
/// A bit that flipped in a page of each table in turn, as a disk flips it: where the tables are follows from the schema, so that a new one is
/// tried too. The start refuses it, and the check that it makes names it; the file stays as it was.
/// </summary>
public sealed class DamagedPagesTests(FullLedger ledger) : IClassFixture<FullLedger>
{
    public static TheoryData<string> Tables { get; } = [.. Names("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'")
        .Except(RowSeals.Unsealed)];

    [Theory]
    [MemberData(nameof(Tables))]
    public async Task FlippedBit_InAnyRow_IsRefused_AndTheFileLeftAsItIs(string table)
    {
        var random = new Random(4);
        IReadOnlyList<Range> records = LedgerPages.Records(ledger.CopyAsStopped().Database, table);
        Assert.NotEmpty(records);
        foreach (int turn in Enumerable.Range(0, 8))
        {
            LedgerFiles files = ledger.CopyAsStopped();
            byte[] damaged = await File.ReadAllBytesAsync(files.Database);
            Range record = records[random.Next(records.Count)];
            int at = random.Next(record.Start.Value, record.End.Value);
            damaged[at] ^= (byte)(1 << random.Next(8));
            await File.WriteAllBytesAsync(files.Database, damaged);

            string? refusal = await ledger.RefusalOfStartAsync(files);

            Assert.True(refusal is not null, $"{table}: the bit at {at} was not missed (turn {turn}).");
            Assert.StartsWith("The ledger is damaged: ", refusal, StringComparison.Ordinal);
            Assert.EndsWith("Nothing was changed. Restore a backup with 'fleetmonitor ledger restore'.", refusal, StringComparison.Ordinal);
            Assert.Equal(damaged, await File.ReadAllBytesAsync(files.Database));
        }
    }

    [Fact]
    public async Task FlippedBit_InAnIndex_IsRefused()
    {
        LedgerFiles files = ledger.CopyAsStopped();
        int root = Numbers(files.Database, "SELECT rootpage FROM sqlite_schema WHERE name = 'device_day_by_day'").Single();
        byte[] damaged = await File.ReadAllBytesAsync(files.Database);
        damaged[(root * 4_096) - 1] ^= 1;
        await File.WriteAllBytesAsync(files.Database, damaged);

        Assert.Contains("device_day_by_day", await ledger.RefusalOfStartAsync(files), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sound_IsChecked_AndStarts() => Assert.Null(await ledger.RefusalOfStartAsync(ledger.CopyAsStopped()));

    [Theory]
    [InlineData("account_day")]
    [InlineData("posting_page")]
    [InlineData("filing")]
    public async Task CommandThatReadsMoney_OfADamagedTable_IsRefused(string table)
    {
        LedgerFiles files = ledger.CopyAsStopped();
        byte[] damaged = await File.ReadAllBytesAsync(files.Database);
        damaged[LedgerPages.Records(files.Database, table)[^1].End.Value - 1] ^= 1;
        await File.WriteAllBytesAsync(files.Database, damaged);

        Assert.StartsWith(
            $"The ledger is damaged: table {table}", Assert.Throws<LedgerCorruptException>(() => ledger.OpenBooks(files)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DeviceDays_ThatAreDamaged_AreRefusedWhereTheyAreRead()
    {
        LedgerFiles files = ledger.CopyAsStopped();
        byte[] damaged = await File.ReadAllBytesAsync(files.Database);
        damaged[LedgerPages.Records(files.Database, "device_day")[^1].End.Value - 1] ^= 1;
        await File.WriteAllBytesAsync(files.Database, damaged);
        using BooksView books = ledger.OpenBooks(files);

        Assert.NotEmpty(books.SiteDays(null, null, null));
        Assert.StartsWith(
            "The ledger is damaged: table device_day of aksu/rig-",
            Assert.Throws<LedgerCorruptException>(() => books.DeviceDays(null, null, null)).Message,
            StringComparison.Ordinal);
    }

    private static List<string> Names(string sql)
    {
        using var schema = new SqliteConnection("Data Source=:memory:");
        schema.Open();
        LedgerSchema.Migrate(schema, "a new ledger");
        using var names = new ReadStatement(schema, sql);
        return [.. names.Query(row => row.GetString(0))];
    }

    private static List<int> Numbers(string database, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var numbers = new ReadStatement(connection, sql);
        return [.. numbers.Query(row => row.GetInt32(0))];
    }
}
