using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Service.Finance;
using Microsoft.Data.Sqlite;
using Xunit;

namespace FleetMonitor.Tests.Finance;

/// <summary>
/// A closed quarter of one rig: three postings, a filed statement. Then somebody with the database in hand changes it, and verification names
/// the first thing that is off.
/// </summary>
public class VerificationTests
{
    private const string Site = """{"id":"aksu","timeZone":"Asia/Almaty","devices":[{"id":"rig-1","role":"rig"}]}""";

    [Fact]
    public async Task SoundLedger_HasNoFault_AndHasTheHeadSomebodyKept()
    {
        using BookRoom room = await ClosedAsync();

        Assert.Null(room.Fault());
        Assert.Null(room.Fault(Head(room).Hash));
        Assert.Equal($"chain: no posting has the hash {new string('a', 64)}: the chain was rewritten or shortened", room.Fault(new string('a', 64)));
    }

    [Theory]
    [InlineData("UPDATE posting SET register = register + 1 WHERE seq = 2", "chain: posting 2 carries the hash")]
    [InlineData("UPDATE posting SET day = day - 1 WHERE seq = 1", "chain: posting 1 carries the hash")]
    [InlineData("UPDATE posting SET person = 'Nobody' WHERE seq = 3", "chain: posting 3 carries the hash")]
    [InlineData("UPDATE posting SET hash = zeroblob(32) WHERE seq = 2", "chain: posting 2 carries the hash")]
    [InlineData("UPDATE device SET device = 'rig-2'", "chain: posting 1 carries the hash")]
    [InlineData("DELETE FROM posting WHERE seq = 2", "chain: posting 2 is missing: posting 3 stands in its place")]
    [InlineData("UPDATE posting SET seq = -seq WHERE seq < 3; UPDATE posting SET seq = 3 + seq WHERE seq < 0", "chain: posting 1 carries the hash")]
    [InlineData("DELETE FROM posting WHERE seq = 3", "chain: the chain ends at posting 2; a head was written down at 3")]
    [InlineData("DELETE FROM posting", "chain: the chain ends at posting 0; a head was written down at 3")]
    [InlineData("UPDATE device_day SET posted_register = posted_register + 1", "posted: the postings of aksu/rig-1 on 2026-09-28")]
    [InlineData("UPDATE device_day SET register = register + 1 WHERE day = 739888; UPDATE account_day SET register = register + 1 WHERE day = 739888", "evidence: aksu/rig-1 on 2026-09-30: the books differ")]
    [InlineData("UPDATE account_day SET register = register + 1 WHERE day = 739888", "accounts: the accounts of aksu on 2026-09-30")]
    [InlineData("DELETE FROM device_day WHERE day = 739888", "posted: the postings of aksu/rig-1 on 2026-09-30")]
    [InlineData("UPDATE filing SET content = CAST(replace(content, '216', '215') AS BLOB)", "filings: aksu 2026-Q3 number 0 carries the hash")]
    [InlineData("UPDATE filing SET hash = 'beef'", "filings: aksu 2026-Q3 number 0 carries the hash beef")]
    [InlineData("DELETE FROM filing", "anchors: what was filed for aksu 2026-Q3 number 0 is not there")]
    [InlineData("DELETE FROM device_state", "evidence: the state of aksu/rig-1 is missing")]
    public async Task Tampering_IsFoundAndNamed(string sql, string fault)
    {
        using BookRoom room = await ClosedAsync();

        room.Tamper(sql);

        Assert.StartsWith(fault, room.Fault() ?? "nothing", StringComparison.Ordinal);
    }

    [Fact]
    public async Task FlippedByte_OfAKeptReading_IsFound()
    {
        using BookRoom room = await ClosedAsync();
        Assert.True(room.Read(books => books.Ledger.BlocksFrom(0, new Instant(long.MinValue)).Count) > 0);

        room.Tamper("UPDATE evidence SET readings = substr(readings, 1, 20) || x'5a' || substr(readings, 22)");

        Assert.StartsWith("evidence: ", room.Fault(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RewrittenChain_WithEveryHashMadeAnew_IsFoundByTheAnchorFile_TheStatement_OrAKeptHead()
    {
        using BookRoom room = await ClosedAsync();
        string kept = Head(room).Hash;
        room.Tamper(Rewritten(room));
        Assert.StartsWith($"chain: at posting 3 the head is {Head(room).Hash}; written down was {kept}", room.Fault(), StringComparison.Ordinal);

        File.Delete(room.Ledger.Anchors.FilePath);
        Assert.StartsWith("chain: at posting 3 the head is", room.Fault(), StringComparison.Ordinal);

        room.Tamper("DELETE FROM filing", withoutTriggers: false);
        Assert.Null(room.Fault());
        Assert.StartsWith($"chain: no posting has the hash {kept}", room.Fault(kept), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE posting SET register = 0")]
    [InlineData("DELETE FROM posting WHERE seq = 3")]
    [InlineData("INSERT OR REPLACE INTO posting SELECT * FROM posting WHERE seq = 2")]
    [InlineData("INSERT INTO posting SELECT seq + 5, posted, kind, site, device, day, register, integrated, estimated, charge, amount, currency, reason, person, hash FROM posting WHERE seq = 3")]
    [InlineData("UPDATE filing SET hash = ''")]
    [InlineData("DELETE FROM filing")]
    [InlineData("INSERT OR REPLACE INTO filing SELECT * FROM filing")]
    public async Task Postings_AndWhatWasFiled_AreAppendOnlyInTheDatabaseToo(string sql)
    {
        using BookRoom room = await ClosedAsync();

        Assert.Throws<SqliteException>(() => room.Tamper(sql, withoutTriggers: false));
        Assert.Null(room.Fault());
    }

    [Fact]
    public async Task BadLine_OfTheAnchorFile_IsNamed_AndTheOthersStillCount()
    {
        using BookRoom room = await ClosedAsync();
        File.AppendAllText(room.Ledger.Anchors.FilePath, "{\"at\":\"2026-10");

        Assert.Equal("anchors: line 2 of the anchor file is no anchor", room.Fault());
        room.Tamper("DELETE FROM posting WHERE seq = 3");
        Assert.StartsWith("chain: the chain ends at posting 2", room.Fault(), StringComparison.Ordinal);
    }

    /// <summary>28, 29 and 30 September at 3 kW.</summary>
    private static async Task<BookRoom> ClosedAsync()
    {
        var room = new BookRoom(Site, "2026-10-03T00:00:00+05:00");
        await room.ReplayAsync("aksu", [.. Enumerable.Range(0, 73).Select(hour => new Sent(
            "rig-1", DateTimeOffset.Parse("2026-09-28T00:00:00+05:00", null).AddHours(hour).ToString("O"), 100m + (3m * hour)))]);
        Assert.NotNull((await room.CloseAsync("aksu", "2026-Q3", "A. Person")).Filing);
        Assert.Equal(3, Head(room).Count);
        return room;
    }

    private static PostingHead Head(BookRoom room)
    {
        using LedgerReader reader = LedgerReader.Open(room.Ledger);
        return reader.PostingHead();
    }

    /// <summary>A chain that holds in itself: an hour's energy moved from the first day to the second, all hashes made anew.</summary>
    private static string Rewritten(BookRoom room)
    {
        using LedgerReader reader = LedgerReader.Open(room.Ledger);
        PostingHead head = PostingHead.Genesis;
        var sql = new List<string>();
        foreach (Posting posting in reader.Postings())
        {
            Energy moved = posting.Seq switch { 1 => new(-3_000_000_000), 2 => new(3_000_000_000), _ => Energy.Zero };
            PostingDraft entry = posting.Entry with { Energy = posting.Entry.Energy + new Metering.EnergyByQuality(moved, default, default) };
            Posting forged = PostingChain.Append(head, entry, posting.PostedAt);
            head = PostingHead.Of(forged);
            sql.Add($"UPDATE posting SET register = {entry.Energy.Register.MicrowattHours}, hash = x'{forged.Hash}' WHERE seq = {posting.Seq}");
            sql.Add($"UPDATE device_day SET posted_register = {entry.Energy.Register.MicrowattHours} WHERE day = {entry.Day.DayNumber}");
        }

        return string.Join(";", sql);
    }
}
