using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Service.Finance;
using Xunit;
using static FleetMonitor.Tests.Levy.LevyBooks;

namespace FleetMonitor.Tests.Finance;

/// <summary>
/// One site, replayed from its meters' readings into a real ledger: 100 kW around the clock from the last day without a fee to the first of a
/// new quarter in 2026. Every rate change, the quarter of 2185 hours, a source and a licence that change in mid-quarter, a meter that is
/// replaced, two tenants, late data after the close, and amended returns. At 100 kW a day is 2400 kWh and an hour 100.
/// </summary>
public class ReplayedYearsTests
{
    private const string Facts =
        """
        "timeZone":"Asia/Almaty","basis":"control-meter","payer":{"name":"Example Mining LLP","bin":"123456789012"},"maxPowerKw":180000,
        "energySource":[{"from":"2020-01-01","to":"2024-05-16","value":"grid"},{"from":"2024-05-16","to":"2024-06-01","value":"own-renewable"},
            {"from":"2024-06-01","value":"grid"}],
        "contractPrice":[{"from":"2022-01-01","to":"2023-07-01","value":25},{"from":"2023-07-01","value":16.5}],
        "meterStatus":[{"from":"2020-01-01","value":"working"}],"controlMeters":["meter-1","meter-2"],
        "devices":[{"id":"rig-1","role":"rig","tenant":[{"from":"2022-01-01","value":"acme"}]},
            {"id":"rig-2","role":"rig","tenant":[{"from":"2022-01-01","value":"bolt"}]}]
        """;

    private const string Aksu =
        "{\"id\":\"aksu\",\"licence\":[{\"from\":\"2020-01-01\",\"to\":\"2026-02-15\",\"value\":\"subtype-1\"},"
        + "{\"from\":\"2026-02-15\",\"to\":\"2026-03-01\",\"value\":\"none\"},{\"from\":\"2026-03-01\",\"value\":\"subtype-2\"}]," + Facts + "}";

    /// <summary>The licence, as it turns out, never lapsed.</summary>
    private const string AksuLicensed =
        "{\"id\":\"aksu\",\"licence\":[{\"from\":\"2020-01-01\",\"value\":\"subtype-1\"}]," + Facts + "}";

    private static readonly Sent[] Readings =
    [
        new("meter-1", "2021-12-31T00:00:00+06:00", 0m),
        new("meter-1", "2022-01-01T00:00:00+06:00", 2_400m),       // 24 h
        new("meter-1", "2023-01-01T00:00:00+06:00", 878_400m),     // 365 days
        new("meter-1", "2024-01-01T00:00:00+06:00", 1_754_400m),   // 365 days
        new("meter-1", "2024-04-01T00:00:00+05:00", 1_972_900m),   // 2185 h
        new("meter-1", "2024-05-16T00:00:00+05:00", 2_080_900m),   // 45 days
        new("meter-1", "2024-05-16T12:00:00+05:00", 2_082_100m),   // 12 h, then it is replaced
        new("meter-2", "2024-05-16T12:00:00+05:00", 7.5m),
        new("meter-2", "2024-06-01T00:00:00+05:00", 37_207.5m),    // 15.5 days
        new("meter-2", "2026-01-01T00:00:00+05:00", 1_426_807.5m), // 579 days
        new("rig-1", "2026-01-01T00:00:00+05:00", 50m),
        new("rig-2", "2026-01-01T00:00:00+05:00", 70m),
        new("rig-1", "2026-01-02T00:00:00+05:00", 1_050m),
        new("rig-2", "2026-01-02T00:00:00+05:00", 1_270m),
        new("meter-2", "2026-04-01T00:00:00+05:00", 1_642_807.5m), // 90 days
        new("meter-2", "2026-04-02T00:00:00+05:00", 1_645_207.5m), // a day
    ];

    [Fact]
    public async Task Books_OverAllRates_ChargeEachDayByTheLawOfThatDay()
    {
        using var room = new BookRoom(Aksu, "2026-04-10T09:00:00+05:00");
        await room.ReplayAsync("aksu", Readings);

        Assert.Equal(
            [
                "2021-Q4 kz-none@0 2400 kWh 0 KZT",
                "2022-Q1 kz-2022-flat@1 216000 kWh 216000 KZT",
                "2022-Q2 kz-2022-flat@1 218400 kWh 218400 KZT",
                "2022-Q3 kz-2022-flat@1 220800 kWh 220800 KZT",
                "2022-Q4 kz-2022-flat@1 220800 kWh 220800 KZT",
                "2023-Q1 kz-2023-price-24-and-above@1 216000 kWh 216000 KZT",
                "2023-Q2 kz-2023-price-24-and-above@1 218400 kWh 218400 KZT",
                "2023-Q3 kz-2023-unrated@? 220800 kWh unrated",
                "2023-Q4 kz-2023-unrated@? 220800 kWh unrated",
                "2024-Q1 kz-2024-base@2 218500 kWh 437000 KZT",            // 2185 h
                "2024-Q2 kz-2024-base@2 180000 kWh 360000 KZT",            // 75 of 91 days
                "2024-Q2 kz-2024-own-renewable@1 38400 kWh 38400 KZT",     // 16 days
                "2024-Q3 kz-2024-base@2 220800 kWh 441600 KZT",
                "2024-Q4 kz-2024-base@2 220800 kWh 441600 KZT",
                "2025-Q1 kz-2024-base@2 216000 kWh 432000 KZT",
                "2025-Q2 kz-2024-base@2 218400 kWh 436800 KZT",
                "2025-Q3 kz-2024-base@2 220800 kWh 441600 KZT",
                "2025-Q4 kz-2024-base@2 220800 kWh 441600 KZT",
                "2026-Q1 kz-2026-base@2 182400 kWh 364800 KZT",            // 76 of 90 days
                "2026-Q1 kz-2026-no-licence@25 33600 kWh 840000 KZT",      // 14 days
                "2026-Q2 kz-2026-base@2 2400 kWh 4800 KZT",
            ],
            Lines(room.Totals("aksu")));
        Assert.Equal(["2024-Q1 2024-02-29 kz-2024-base@2 2500 kWh 5000 KZT"], Lines(room.Totals("aksu", "day", "2024-02-29", "2024-03-01")));
        Assert.Equal(
            [
                "2026-Q1 acme kz-2026-base@2 1000 kWh 2000 KZT", "2026-Q1 bolt kz-2026-base@2 1200 kWh 2400 KZT",
                "2026-Q1 (residual) kz-2026-base@2 200 kWh 400 KZT",
            ],
            Lines(room.Totals("aksu", "tenant", "2026-01-01", "2026-01-02")));
    }

    [Theory]
    [InlineData("Asia/Almaty", "2023-12-31T18:00:00Z", 2185)]
    [InlineData("Asia/Aqtobe", "2023-12-31T19:00:00Z", 2184)]
    public async Task FirstQuarterOf2024_IsAsLongAsItsZoneSays(string zone, string start, int hours)
    {
        using var room = new BookRoom($$"""{"id":"s","timeZone":"{{zone}}"}""", "2024-04-10T00:00:00Z");
        await room.ReplayAsync("s", new Sent("pdu", start, 0m), new Sent("pdu", "2024-03-31T19:00:00Z", hours * 100m));

        PeriodBook quarter = room.Period("s", "2024-Q1");
        Assert.Equal(hours * 100m, quarter.Now.Energy.Total.KilowattHours);
        Assert.Equal(hours, quarter.Period.Duration(FleetMonitor.Fleet.DayCalendar.Of(quarter.Site.TimeZone)).TotalHours);
        Assert.Equal(0m, room.Totals("s").Where(row => row.Period != quarter.Period).Sum(row => row.Energy.Total.KilowattHours));
    }

    [Fact]
    public async Task LateDataAndAChangedFact_AfterTheClose_AreTwoAmendedReturns()
    {
        using var room = new BookRoom(Aksu, "2026-04-10T09:00:00+05:00");
        await room.ReplayAsync("aksu", Readings);

        CloseResult closed = await room.CloseAsync("aksu", "2026-Q1", "A. Person");
        Statement filed = StatementReader.ReadStatement(closed.Filing!.Content);
        Assert.Equal(["kz-2026-base 182400 kWh 364800", "kz-2026-no-licence 33600 kWh 840000"], Filed(filed));
        Assert.Equal(("A. Person", 92L), (filed.Closing!.By, filed.Head.Count)); // 90 days of the meter, and one of each rig
        Assert.Equal((Day("2026-05-15"), Day("2026-05-25")), (filed.Deadlines!.Declaration, filed.Deadlines.Payment));

        // A reading of 15 February turns up: 450 kWh more in the 45 days before it, 450 less in the 45 after, so 10 kWh a day.
        room.Clock.Set("2026-06-01T09:00:00+05:00");
        await room.ReplayAsync("aksu", new Sent("meter-2", "2026-02-15T00:00:00+05:00", 1_426_807.5m + 108_000m + 450m));
        PeriodBook changed = room.Period("aksu", "2026-Q1");
        Assert.Equal(PeriodState.Amended, changed.State);
        Assert.Equal(["kz-2026-base 182400 kWh 364800", "kz-2026-no-licence 33600 kWh 840000"], Filed(changed.Statement));

        // 31 days of March at 2390 and 45 at 2410: 182540 × 2; 14 days at 2390: 33460 × 25.
        CloseResult amended = await room.CloseAsync("aksu", "2026-Q1", "B. Person", amend: true);
        Assert.Equal(
            ["kz-2026-base +140 kWh: 365080 - 364800 = 280 KZT", "kz-2026-no-licence -140 kWh: 836500 - 840000 = -3500 KZT"],
            Differences(StatementReader.ReadAmendment(amended.Filing!.Content)));
        string[] adjustments = [.. room.Postings().Where(line => line.Contains(" adjustment "))];
        Assert.Equal(45, adjustments.Count(line => line.EndsWith(" 10 kWh", StringComparison.Ordinal)));
        Assert.Equal(45, adjustments.Count(line => line.EndsWith(" -10 kWh", StringComparison.Ordinal)));

        // The licence never lapsed: all 216000 kWh at 2, and nothing at 25.
        using BookRoom licensed = room.Under(AksuLicensed);
        PeriodBook found = licensed.Period("aksu", "2026-Q1");
        Assert.Equal(
            ["kz-2026-base +33460 kWh: 432000 - 365080 = 66920 KZT", "kz-2026-no-licence -33460 kWh: nothing - 836500 = -836500 KZT"],
            Differences(found.Pending!));
        await licensed.CloseAsync("aksu", "2026-Q1", "C. Person", amend: true);

        PeriodBook settled = licensed.Period("aksu", "2026-Q1");
        Assert.Null(settled.Pending);
        Assert.Equal(2, settled.Filed!.Amendments.Count);
        Assert.Equal(closed.Filing.Hash, settled.Filed.Filing.Hash);
        Assert.Null(licensed.Fault());
    }

    [Fact]
    public async Task Evidence_ReplayedIntoAnEmptyLedger_GivesTheSameBooks()
    {
        using var room = new BookRoom(Aksu, "2026-04-10T09:00:00+05:00");
        await room.ReplayAsync("aksu", Readings);
        await room.ReplayAsync("aksu", new Sent("meter-2", "2026-02-15T00:00:00+05:00", 1_535_257.5m));
        await room.ReplayAsync("aksu", [.. Enumerable.Range(0, 40).Select(minute => new Sent("rig-2", $"2026-04-02T01:{minute:00}:00+05:00", PowerW: 3_000m + minute))]);

        Sent[] kept = Kept(room);
        using var copy = new BookRoom(Aksu, "2026-04-10T09:00:00+05:00");
        Sent[] shuffled = [.. kept];
        new Random(7).Shuffle(shuffled);
        await copy.ReplayAsync("aksu", shuffled);

        Assert.Equal(57, kept.Length);
        Assert.Equal(room.DeviceDays(), copy.DeviceDays());
        Assert.Equal(Lines(room.Totals("aksu", "day,tenant")), Lines(copy.Totals("aksu", "day,tenant")));
        Assert.Null(copy.Fault());

        // Devices are numbered as they come, and postings follow their numbers: shuffled, the chain is another one of the same postings.
        foreach (BookRoom one in (BookRoom[])[room, copy])
        {
            await one.SettleAsync();
            await one.PostSettledAsync();
        }

        Assert.Equal(Entries(room), Entries(copy));
    }

    [Fact]
    public async Task Evidence_ReplayedInOrder_AndWhatPeopleEnteredAgain_GivesTheSameChainAndTheSameStatement()
    {
        using var room = new BookRoom(Aksu, "2026-04-10T09:00:00+05:00");
        await room.ReplayAsync("aksu", Readings);
        using var copy = new BookRoom(Aksu, "2026-04-10T09:00:00+05:00");
        await copy.ReplayAsync("aksu", Kept(room));

        foreach (BookRoom one in (BookRoom[])[room, copy])
        {
            await one.SettleAsync();
            await one.PostSettledAsync();
            Assert.Empty((await one.ActAsync((bookkeeper, _) => bookkeeper.EnterAsync(
                new PostingDraft
                {
                    Kind = PostingKind.Manual, Site = "aksu", Day = Day("2026-03-01"), Charge = "kz-digital-mining-fee", Amount = new Money(-10m, "KZT"),
                    By = "B. Person", Reason = "credit note 4",
                },
                CancellationToken.None))).Problems);
        }

        Assert.Equal(room.Chain(), copy.Chain());
        Assert.Equal(
            (await room.CloseAsync("aksu", "2026-Q1", "A. Person")).Filing!.Hash, (await copy.CloseAsync("aksu", "2026-Q1", "A. Person")).Filing!.Hash);
        Assert.Null(copy.Fault());
    }

    private static Sent[] Kept(BookRoom room) => room.Read(books => books.Ledger.Devices().ToArray().SelectMany(device => books
        .Readings(device.Key, new Instant(long.MinValue))
        .Select(reading => new Sent(
            device.Key.Device,
            reading.At.ToString(),
            reading.HasRegister ? reading.Register.KilowattHours : null,
            reading.HasPower ? reading.Power.Watts : null))).ToArray());

    /// <summary>What was posted, whatever its place in the chain.</summary>
    private static string[] Entries(BookRoom room) => [.. room.Chain().Select(posting =>
        $"{posting.Entry.Kind} {posting.Entry.Site}/{posting.Entry.Device} {posting.Entry.Day:yyyy-MM-dd} {posting.Entry.Energy.Register} {posting.Entry.Energy.Integrated} "
        + $"{posting.Entry.Energy.Estimated} {posting.Entry.Reason} {posting.PostedAt}").Order(StringComparer.Ordinal)];

    private static string[] Filed(Statement statement) =>
        [.. statement.Lines.Select(line => $"{line.Code} {line.Energy.Total} {Money.Text(line.Amount!.Value.Amount)}")];

    private static string[] Differences(Amendment amendment) =>
    [
        .. amendment.Lines.Select(line =>
            $"{line.Code} {(line.EnergyDifference.Total > Energy.Zero ? "+" : string.Empty)}{line.EnergyDifference.Total}: "
            + $"{(line.Now is { } now ? Money.Text(now.Amount) : "nothing")} - {Money.Text(line.Before!.Value.Amount)} = {line.Difference}"),
    ];
}
