using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Encoding;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Service.Finance;
using Microsoft.Data.Sqlite;
using Xunit;

namespace FleetMonitor.Tests.Finance;

/// <summary>
/// A closed quarter of one rig: three postings on two pages, two that people entered, a filed statement. Then somebody with the database in hand changes it, and verification names
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
    [InlineData("UPDATE posting_page SET reason = 'because'", "chain: posting 1 carries the hash")]
    [InlineData("UPDATE posting_page SET posted = posted - 1 WHERE first = 3", "chain: posting 3 carries the hash")]
    [InlineData("UPDATE posting SET person = 'Nobody' WHERE seq = 4", "chain: posting 4 carries the hash")]
    [InlineData("UPDATE posting SET amount = '999' WHERE seq = 4", "chain: posting 4 carries the hash")]
    [InlineData("UPDATE posting SET day = day - 1 WHERE seq = 5", "chain: posting 5 carries the hash")]
    [InlineData("UPDATE posting_page SET hash = zeroblob(32) WHERE first = 3", "chain: posting 3 carries the hash")]
    [InlineData("UPDATE posting_page SET lines = substr(lines, 1, 5) || x'5a' || substr(lines, 7) WHERE first = 1", "chain: ")]
    [InlineData("UPDATE device SET device = 'rig-2'", "chain: posting 1 carries the hash")]
    [InlineData("DELETE FROM posting_page WHERE first = 1", "chain: posting 1 is missing: posting 3 stands in its place")]
    [InlineData("DELETE FROM posting_page WHERE first = 3", "chain: posting 3 is missing: posting 4 stands in its place")]
    [InlineData("UPDATE posting SET seq = -seq; UPDATE posting SET seq = 9 + seq", "chain: posting 4 carries the hash")]
    [InlineData("DELETE FROM posting WHERE seq = 5", "chain: the chain ends at posting 4; a head was written down at 5")]
    [InlineData("DELETE FROM posting; DELETE FROM posting_page", "chain: the chain ends at posting 0; a head was written down at")]
    [InlineData("UPDATE device_day SET register = register + 1 WHERE day = 739888; UPDATE account_day SET register = register + 1 WHERE day = 739888", "posted: the postings of aksu/rig-1 on 2026-09-30")]
    [InlineData("UPDATE device_day SET register = register - 1, integrated = integrated + 1 WHERE day = 739887", "posted: the postings of aksu/rig-1 on 2026-09-29")]
    [InlineData("INSERT OR IGNORE INTO due_day SELECT device, day FROM device_day; UPDATE device_day SET register = register + 1 WHERE day = 739888; UPDATE account_day SET register = register + 1 WHERE day = 739888", "evidence: aksu/rig-1 on 2026-09-30: the books differ")]
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

    [Theory]
    [InlineData("energy of the second", "chain: posting 2 carries the hash")]
    [InlineData("energy of the first", "chain: posting 1 carries the hash")]
    [InlineData("day", "chain: posting 1 carries the hash")]
    [InlineData("swapped", "chain: posting 1 carries the hash")]
    [InlineData("removed", "chain: posting 1 carries the hash")]
    [InlineData("cut off", "chain: posting 1 carries the hash")]
    [InlineData("added", "chain: posting 3 carries the hash")]
    [InlineData("check", "chain: posting 1 carries the hash 00000007")]
    public async Task Tampering_WithAPageOfPostings_IsFoundAndNamed(string what, string fault)
    {
        using BookRoom room = await ClosedAsync();

        room.TamperPage(1, lines => what switch
        {
            "energy of the second" => [lines[0], lines[1] with { Energy = new(new Energy(1), default, default) }],
            "energy of the first" => [lines[0] with { Energy = new(new Energy(1), default, default) }, lines[1]],
            "day" => [lines[0] with { Day = lines[0].Day.AddDays(-1) }, lines[1]],
            "swapped" => [lines[1], lines[0]],
            "removed" => [lines[1]],
            "cut off" => [lines[0]],
            "added" => [.. lines, lines[1]],
            "check" => [lines[0] with { Check = 7 }, lines[1]],
            _ => throw new ArgumentOutOfRangeException(nameof(what), what, null),
        });

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
        Assert.StartsWith("chain: at posting 2 the head is", room.Fault(), StringComparison.Ordinal);

        File.Delete(room.Ledger.Anchors.FilePath);
        Assert.StartsWith($"chain: at posting 5 the head is {Head(room).Hash}; written down was {kept}", room.Fault(), StringComparison.Ordinal);

        room.Tamper("DELETE FROM filing", withoutTriggers: false);
        Assert.StartsWith("evidence: aksu/rig-1 on 2026-09-28: the books differ", room.Fault(), StringComparison.Ordinal);
        Assert.StartsWith($"chain: no posting has the hash {kept}", room.Fault(kept), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE posting SET register = 0")]
    [InlineData("DELETE FROM posting WHERE seq = 5")]
    [InlineData("INSERT OR REPLACE INTO posting SELECT * FROM posting WHERE seq = 4")]
    [InlineData("UPDATE posting_page SET lines = x''")]
    [InlineData("DELETE FROM posting_page WHERE first = 3")]
    [InlineData("INSERT OR REPLACE INTO posting_page SELECT * FROM posting_page WHERE first = 1")]
    [InlineData("INSERT INTO posting SELECT seq + 5, posted, kind, site, device, day, register, integrated, estimated, charge, amount, currency, reason, person, hash FROM posting WHERE seq = 5")]
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
    public async Task AnchorFile_ThatIsGone_IsFound_WhereSomethingWasFiled()
    {
        using BookRoom room = await ClosedAsync();
        File.Delete(room.Ledger.Anchors.FilePath);

        Assert.Equal("anchors: 1 statements and amendments were filed, and the anchor file that each was noted in is gone", room.Fault());
    }

    [Fact]
    public async Task BadLine_OfTheAnchorFile_IsNamed_AndTheOthersStillCount()
    {
        using BookRoom room = await ClosedAsync();
        File.AppendAllText(room.Ledger.Anchors.FilePath, "{\"at\":\"2026-10");

        Assert.Equal("anchors: line 6 of the anchor file is no anchor", room.Fault());
        room.Tamper("DELETE FROM posting WHERE seq = 5");
        Assert.StartsWith("chain: the chain ends at posting 4", room.Fault(), StringComparison.Ordinal);
    }

    /// <summary>28, 29 and 30 September at 3 kW: two days posted, then the third; what two people entered; the close.</summary>
    private static async Task<BookRoom> ClosedAsync()
    {
        var room = new BookRoom(Site, "2026-09-30T02:00:00+05:00");
        await room.ReplayAsync("aksu", Hours(0, 50));
        Assert.Equal(2, await room.PostSettledAsync());
        room.Clock.Set("2026-10-03T00:00:00+05:00");
        await room.ReplayAsync("aksu", Hours(50, 24));
        Assert.Equal(1, await room.PostSettledAsync());
        await EnterAsync(room, new PostingDraft
        {
            Kind = PostingKind.Manual, Site = "aksu", Day = new DateOnly(2026, 9, 29), Charge = "kz-digital-mining-fee",
            Amount = new Money(-10m, "KZT"), By = "B. Person", Reason = "credit note 4",
        });
        await EnterAsync(room, new PostingDraft
        {
            Kind = PostingKind.Manual, Site = "aksu", Device = "rig-1", Day = new DateOnly(2026, 9, 30),
            Energy = new Metering.EnergyByQuality(default, default, new Energy(-2_000_000_000)), By = "B. Person", Reason = "cooling",
        });
        Assert.NotNull((await room.CloseAsync("aksu", "2026-Q3", "A. Person")).Filing);
        Assert.Equal(5, Head(room).Count);
        return room;
    }

    private static Sent[] Hours(int first, int count) => [.. Enumerable.Range(first, count).Select(hour => new Sent(
        "rig-1", DateTimeOffset.Parse("2026-09-28T00:00:00+05:00", null).AddHours(hour).ToString("O"), 100m + (3m * hour)))];

    private static async Task EnterAsync(BookRoom room, PostingDraft entry) => Assert.Empty(
        (await room.ActAsync((bookkeeper, _) => bookkeeper.EnterAsync(entry, CancellationToken.None))).Problems);

    private static PostingHead Head(BookRoom room)
    {
        using LedgerReader reader = LedgerReader.Open(room.Ledger);
        return reader.PostingHead();
    }

    /// <summary>A chain that holds in itself, the books made to fit: an hour's energy moved from the first day to the second, all hashes made anew.</summary>
    private static string Rewritten(BookRoom room)
    {
        using LedgerReader reader = LedgerReader.Open(room.Ledger);
        PostingHead head = PostingHead.Genesis;
        var sql = new List<string>();
        Posting[] chain = [.. reader.Postings()];
        var forged = new List<Posting>();
        foreach (Posting posting in chain)
        {
            Energy moved = posting.Seq switch { 1 => new(-3_000_000_000), 2 => new(3_000_000_000), _ => Energy.Zero };
            forged.Add(PostingChain.Append(
                head, posting.Entry with { Energy = posting.Entry.Energy + new Metering.EnergyByQuality(moved, default, default) }, posting.PostedAt));
            head = PostingHead.Of(forged[^1]);
            if (moved != Energy.Zero)
            {
                string change = moved.MicrowattHours.ToString(System.Globalization.CultureInfo.InvariantCulture);
                sql.Add($"UPDATE device_day SET register = register + {change} WHERE day = {posting.Entry.Day.DayNumber}");
                sql.Add($"UPDATE account_day SET register = register + {change} WHERE day = {posting.Entry.Day.DayNumber}");
            }

            sql.Add($"UPDATE posting SET hash = x'{head.Hash}' WHERE seq = {posting.Seq}");
            sql.Add($"UPDATE posting_page SET hash = x'{head.Hash}' WHERE last = {posting.Seq}");
        }

        foreach (int first in (int[])[1, 3])
        {
            Posting[] page = [.. forged.Skip(first - 1).Take(first == 1 ? 2 : 1)];
            var bytes = new ByteWriter();
            new PostingPage(first, default, default, string.Empty, null, [.. page.Select(posting => new PageLine(0, posting.Entry.Day, posting.Entry.Energy, PostingPage.CheckOf(posting.Hash)))], string.Empty)
                .WriteLines(bytes);
            sql.Add($"UPDATE posting_page SET lines = x'{Convert.ToHexString(bytes.Written.Span)}' WHERE first = {first}");
        }

        return string.Join(";", sql);
    }
}
