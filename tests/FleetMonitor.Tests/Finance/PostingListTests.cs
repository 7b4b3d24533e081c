using System.Globalization;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Service.Finance;
using Xunit;
using static FleetMonitor.Tests.Levy.LevyBooks;

namespace FleetMonitor.Tests.Finance;

/// <summary>
/// The chain as a list: two rigs at 3 kW, one fed by the other's feeder, over the end of a quarter; an entry by hand between them. What is
/// posted is numbered as it was posted: by device and day, at each time that settled days were posted.
/// </summary>
public class PostingListTests
{
    private const string Site =
        """{"id":"aksu","timeZone":"Asia/Almaty","devices":[{"id":"pdu-1","role":"feeder"},{"id":"rig-1","role":"rig","fedBy":"pdu-1"}]}""";

    [Fact]
    public async Task Chain_IsListedInItsOrder_WithRateAndWhetherItCounts()
    {
        using BookRoom room = await RoomAsync();

        Assert.Equal(
            [
                "1 accrual pdu-1 2026-09-29 72 kWh kz-2026-base billed",
                "2 accrual rig-1 2026-09-29 69 kWh kz-2026-base not-billed",
                "3 manual - 2026-09-29 -10 KZT",
                "4 accrual pdu-1 2026-09-30 72 kWh kz-2026-base billed",
                "5 accrual rig-1 2026-09-30 69 kWh kz-2026-base not-billed",
                "6 accrual pdu-1 2026-10-01 72 kWh kz-2026-base billed",
                "7 accrual rig-1 2026-10-01 69 kWh kz-2026-base not-billed",
            ],
            Lines(room, new PostingFilter()));
        Assert.Equal(room.Chain(), List(room, new PostingFilter(), 100).Rows.Select(row => row.Posting));
    }

    [Fact]
    public async Task Filters_TakePeriodSiteAndDevice()
    {
        using BookRoom room = await RoomAsync();
        TaxPeriod quarter = TaxPeriod.Parse("2026-Q3");

        Assert.Equal(["1", "2", "3", "4", "5"], Numbers(room, new PostingFilter(From: quarter.FirstDay, To: quarter.End)));
        Assert.Equal(["2", "5"], Numbers(room, new PostingFilter(Site: "aksu", Device: "rig-1", From: quarter.FirstDay, To: quarter.End)));
        Assert.Equal(["5", "7"], Numbers(room, new PostingFilter(After: 3, Site: "aksu", Device: "rig-1")));
        Assert.Empty(Numbers(room, new PostingFilter(Site: "aksu", Device: "rig-9")));
        Assert.Empty(Numbers(room, new PostingFilter(Site: "bestobe")));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public async Task Pages_JoinToTheWhole(int limit)
    {
        using BookRoom room = await RoomAsync();
        var all = new List<Posting>();
        string? next = "0";
        while (next is not null)
        {
            PostingList page = List(room, new PostingFilter(long.Parse(next, CultureInfo.InvariantCulture)), limit);
            Assert.InRange(page.Rows.Count, 1, limit);
            all.AddRange(page.Rows.Select(row => row.Posting));
            next = page.Next;
        }

        Assert.Equal(room.Chain(), all);
    }

    /// <summary>144 kWh of the feeder count at 2: 288, and 10 less by hand.</summary>
    [Fact]
    public async Task LineOfAStatement_IsTheSumOfItsPostings()
    {
        using BookRoom room = await RoomAsync();
        TaxPeriod quarter = TaxPeriod.Parse("2026-Q3");
        StatementLine line = room.Period("aksu", "2026-Q3").Now.Lines[0];
        PostingRow[] rows = [.. List(room, new PostingFilter(Site: "aksu", From: quarter.FirstDay, To: quarter.End), 100).Rows
            .Where(row => row.Rate == line.Code && row.Counts == "billed")];

        Assert.Equal((144m, 288m), (line.Energy.Total.KilowattHours, line.Amount!.Value.Amount));
        Assert.Equal([72m, 72m], rows.Select(row => row.Posting.Entry.Energy.Total.KilowattHours).ToArray());
    }

    [Fact]
    public async Task Csv_HasALineAPosting_WithNumberAndHash()
    {
        using BookRoom room = await RoomAsync();
        Posting third = room.Chain()[2];
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        List(room, new PostingFilter(2), 1).WriteCsv(text);

        Assert.Equal(
            "seq,kind,site,device,day,period,rate,counts,energyKwh,registerKwh,integratedKwh,estimatedKwh,charge,amount,currency,reason,by,postedAt,prevHash,hash\r\n"
            + "3,manual,aksu,,2026-09-29,2026-Q3,,,0,0,0,0,kz-digital-mining-fee,-10,KZT,credit note 4,B. Person,"
            + $"{third.PostedAt},{third.PrevHash},{third.Hash}\r\n",
            text.ToString());
    }

    private static async Task<BookRoom> RoomAsync()
    {
        var room = new BookRoom(Site, "2026-09-30T12:00:00+05:00");
        await room.ReplayAsync("aksu", [.. Hours(0, 25)]);
        await room.SettleAsync();
        await room.PostSettledAsync();
        Assert.Empty((await room.ActAsync((bookkeeper, _) => bookkeeper.EnterAsync(
            new PostingDraft
            {
                Kind = PostingKind.Manual, Site = "aksu", Day = Day("2026-09-29"), Charge = "kz-digital-mining-fee", Amount = new Money(-10m, "KZT"),
                By = "B. Person", Reason = "credit note 4",
            },
            CancellationToken.None))).Problems);
        foreach ((string now, int first) in ((string, int)[])[("2026-10-01T12:00:00+05:00", 25), ("2026-10-02T12:00:00+05:00", 49)])
        {
            room.Clock.Set(now);
            await room.ReplayAsync("aksu", [.. Hours(first, 24)]);
            await room.SettleAsync();
            await room.PostSettledAsync();
        }

        return room;
    }

    private static IEnumerable<Sent> Hours(int first, int count) => new[] { ("pdu-1", 3m), ("rig-1", 2.875m) }.SelectMany(device =>
        Enumerable.Range(first, count).Select(hour => new Sent(
            device.Item1,
            DateTimeOffset.Parse("2026-09-29T00:00:00+05:00", CultureInfo.InvariantCulture).AddHours(hour).ToString("O"),
            100m + (device.Item2 * hour))));

    private static PostingList List(BookRoom room, PostingFilter filter, int limit) => room.Read(books => PostingList.Of(books, filter, limit));

    private static string[] Numbers(BookRoom room, PostingFilter filter) =>
        [.. List(room, filter, 100).Rows.Select(row => row.Posting.Seq.ToString(CultureInfo.InvariantCulture))];

    private static string[] Lines(BookRoom room, PostingFilter filter) => [.. List(room, filter, 100).Rows.Select(row =>
        string.Join(' ', new[]
        {
            row.Posting.Seq.ToString(CultureInfo.InvariantCulture), row.Posting.Entry.Kind.ToString().ToLowerInvariant(), row.Posting.Entry.Device ?? "-",
            row.Posting.Entry.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            row.Posting.Entry.Amount?.ToString() ?? row.Posting.Entry.Energy.Total.ToString(), row.Rate, row.Counts,
        }.Where(part => part is not null)))];
}
