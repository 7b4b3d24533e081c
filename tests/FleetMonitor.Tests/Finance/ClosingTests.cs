using System.Globalization;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Service.Finance;
using Xunit;
using static FleetMonitor.Tests.Levy.LevyBooks;

namespace FleetMonitor.Tests.Finance;

/// <summary>A rig at 3 kW, by register, over the end of the third quarter of 2026: 72 kWh a day.</summary>
public class ClosingTests
{
    private const string Site = """{"id":"aksu","timeZone":"Asia/Almaty","devices":[{"id":"rig-1","role":"rig"}]}""";

    private static readonly Sent[] Readings =
    [
        new("rig-1", "2026-09-29T00:00:00+05:00", 100m),
        new("rig-1", "2026-09-30T00:00:00+05:00", 172m),
        new("rig-1", "2026-10-01T00:00:00+05:00", 244m),
        new("rig-1", "2026-10-02T00:00:00+05:00", 316m),
    ];

    [Fact]
    public async Task SettledDays_ArePostedOnce_AndTheRunningDayIsNot()
    {
        using BookRoom room = await RoomAsync("2026-10-01T12:00:00+05:00");

        Assert.Equal(2, await room.PostSettledAsync());
        Assert.Equal(0, await room.PostSettledAsync());
        Assert.Equal(["1 accrual rig-1 2026-09-29 72 kWh", "2 accrual rig-1 2026-09-30 72 kWh"], room.Postings());
        Assert.Null(room.Fault());
    }

    /// <summary>The last window, a minute for readings that come out of order, and six times the five minutes that a changed device waits at least.</summary>
    [Fact]
    public async Task DayThatIsJustOver_WaitsForWhatSettlesLastAndTheCheckpoints()
    {
        using BookRoom room = await RoomAsync("2026-10-01T00:31:59+05:00");
        Assert.Equal(1, await room.PostSettledAsync());

        room.Clock.Set("2026-10-01T00:32:00+05:00");
        Assert.Equal(1, await room.PostSettledAsync());
    }

    [Fact]
    public async Task LateReading_BeforeTheClose_IsAFurtherAccrual()
    {
        using BookRoom room = await RoomAsync("2026-10-01T12:00:00+05:00");
        await room.PostSettledAsync();
        await room.ReplayAsync("aksu", new Sent("rig-1", "2026-09-29T12:00:00+05:00", 160m), new Sent("rig-1", "2026-09-28T23:00:00+05:00", 95m));

        await room.PostSettledAsync();

        Assert.Equal(
            ["1 accrual rig-1 2026-09-29 72 kWh", "2 accrual rig-1 2026-09-30 72 kWh", "3 accrual rig-1 2026-09-28 5 kWh"],
            room.Postings());
    }

    [Theory]
    [InlineData("2026-09-30T23:00:00+05:00", "A. Person", false, CloseRefusal.NotOver)]
    [InlineData("2026-10-01T00:00:30+05:00", "A. Person", false, CloseRefusal.StillSettling)]
    [InlineData("2026-10-03T00:00:00+05:00", " ", true, CloseRefusal.NameMissing)]
    [InlineData("2026-10-01T00:00:30+05:00", "A. Person", true, null)]
    [InlineData("2026-10-03T00:00:00+05:00", "A. Person", false, null)]
    public async Task Close_NeedsASettledPeriodAndAName_UnlessForced(string now, string by, bool force, CloseRefusal? refusal)
    {
        using BookRoom room = await RoomAsync(now);

        CloseResult result = await room.CloseAsync("aksu", "2026-Q3", by, force);

        Assert.Equal(refusal, result.Refusal);
        Assert.Equal(refusal is null, result.Filing is not null);
    }

    [Theory]
    [InlineData("2026-10-01T12:00:00+05:00", "2027-Q1", CloseRefusal.NotBegun)]
    [InlineData("2026-10-01T12:00:00+05:00", "2026-Q4", null)]
    [InlineData("2026-08-01T12:00:00+05:00", "2026-Q4", null)]
    [InlineData("2026-08-01T12:00:00+05:00", "2027-Q1", CloseRefusal.NotBegun)]
    public async Task Close_OfAPeriodThatNeitherClockNorReadingsHaveComeTo_IsRefusedEvenWhenForced(string now, string period, CloseRefusal? refusal)
    {
        // Replayed in August or October, the readings end on 2 October.
        using BookRoom room = await RoomAsync(now);

        CloseResult result = await room.CloseAsync("aksu", period, "A. Person", force: true);

        Assert.Equal(refusal, result.Refusal);
        Assert.Equal(refusal is null, result.Filing is not null);
    }

    [Fact]
    public async Task Close_OfAPeriodThatHasNotBegun_SaysWhenItDoes()
    {
        using BookRoom room = await RoomAsync("2026-10-01T12:00:00+05:00");

        Assert.Equal(
            "2027-Q1 begins on 2027-01-01; today is 2026-10-01, and the newest reading is of 2026-10-02: there is nothing to close",
            (await room.CloseAsync("aksu", "2027-Q1", "A. Person", force: true)).Why);
    }

    [Theory]
    [InlineData("A.\nPerson", "the name of who decides holds a control character, such as a line feed: write it on one line")]
    [InlineData(null, "the name of who decides has 201 characters: write no more than 200")]
    public async Task Close_ByANameThatNobodyHas_IsRefused(string? by, string why)
    {
        using BookRoom room = await RoomAsync("2026-10-03T00:00:00+05:00");

        CloseResult result = await room.CloseAsync("aksu", "2026-Q3", by ?? new string('x', 201));

        Assert.Equal((CloseRefusal.NameUnfit, why), (result.Refusal!.Value, result.Why));
    }

    /// <summary>In 2023 the bands below 24 tenge are not set: 72 kWh without a rate; the rig is silent for the quarter's last day.</summary>
    [Fact]
    public async Task Close_SaysWhatIsUnratedEstimatedSilentAndNotOnFile_BeforeItIsFiled()
    {
        using var room = new BookRoom(
            """{"id":"aksu","timeZone":"Asia/Almaty","contractPrice":[{"from":"2022-01-01","value":16.5}],"devices":[{"id":"rig-1","role":"rig"}]}""",
            "2023-11-03T00:00:00+06:00");
        await room.ReplayAsync(
            "aksu", new Sent("rig-1", "2023-09-29T00:00:00+06:00", 100m), new Sent("rig-1", "2023-09-30T00:00:00+06:00", 172m));

        CloseResult dry = await room.CloseAsync("aksu", "2023-Q3", "A. Person", dryRun: true);

        Assert.Equal(
            [
                "unrated-energy: 72 kWh have no rate and stand in it without an amount",
                "gaps: 1 gaps, of which nothing is known, on 1 devices",
                "payer-missing: no payer is named: each kWh needs one accountable payer",
                "licence-unstated: no licence is stated (Law 193-VII of 06.02.2023): state its subtype, or none",
            ],
            dry.Warnings.Take(4).Select(warning => $"{warning.Code}: {warning.Text}"));
        Assert.Equal("import-permit-missing: no approval to import cryptographic equipment is on file: rig-1", dry.Warnings.Select(warning => $"{warning.Code}: {warning.Text}").Single(text => text.StartsWith("import", StringComparison.Ordinal)));
        Assert.NotNull(dry.Filing);
        Assert.Null(room.Period("aksu", "2023-Q3").Filed);
        Assert.Empty(room.Postings());

        CloseResult closed = await room.CloseAsync("aksu", "2023-Q3", "A. Person");
        Assert.Equal(dry.Warnings, closed.Warnings);
        Assert.NotNull(room.Period("aksu", "2023-Q3").Filed);
    }

    [Fact]
    public async Task Close_BeforeThePeriodIsOver_OrAfterItWasDue_SaysSo()
    {
        using BookRoom room = await RoomAsync("2026-10-03T00:00:00+05:00");
        PeriodBook book = room.Period("aksu", "2026-Q3");

        Assert.Contains(new CloseWarning("not-over", "the period lasts until 2026-09-30: what is still to come needs an amended return"), At("2026-09-30T23:59:00+05:00"));
        Assert.DoesNotContain(At("2026-10-01T00:00:00+05:00"), warning => warning.Code is "not-over" or "filing-overdue");
        Assert.Contains(new CloseWarning("filing-overdue", "the declaration was due by 2026-11-16"), At("2026-11-17T00:00:00+05:00"));

        IReadOnlyList<CloseWarning> At(string time) =>
            CloseWarnings.Of(book.Now, book.Site, RateSchedule.Kazakhstan, ["rig-1"], Instant.From(DateTimeOffset.Parse(time, CultureInfo.InvariantCulture)));
    }

    /// <summary>A quarter of 144 kWh is 36.</summary>
    [Fact]
    public async Task Close_WithEstimates_SaysTheirShare()
    {
        using BookRoom room = await RoomAsync("2026-10-03T00:00:00+05:00");
        PeriodBook book = room.Period("aksu", "2026-Q3");
        Statement estimated = book.Now with { Lines = [book.Now.Lines[0] with { Energy = new EnergyByQuality(Kwh(108m), default, Kwh(36m)) }] };

        Assert.Contains(
            new CloseWarning("estimated-energy", "36 kWh are estimated, 25 % of all"), CloseWarnings.Of(estimated, book.Site, RateSchedule.Kazakhstan, ["rig-1"], Instant.From(room.Clock.Now)));
        Assert.DoesNotContain(
            CloseWarnings.Of(book.Now, book.Site, RateSchedule.Kazakhstan, ["rig-1"], Instant.From(room.Clock.Now)),
            warning => warning.Code is "estimated-energy" or "unrated-energy" or "deadline-provisional");
    }

    [Fact]
    public async Task Close_WhoseDeadlineIsBeyondTheListOfHolidays_SaysThatItMayMove()
    {
        using var room = new BookRoom(Site, "2027-01-03T00:00:00+05:00");
        await room.ReplayAsync("aksu", Readings);

        CloseResult result = await room.CloseAsync("aksu", "2026-Q4", "A. Person");

        Assert.Equal(
            "the payment by 2027-02-25 falls beyond the list of holidays (calendar, confirmedThrough, of the rate schedule): it may move",
            result.Warnings.Single(warning => warning.Code == "deadline-provisional").Text);
        Assert.True(StatementReader.ReadStatement(result.Filing!.Content).Deadlines!.Provisional);
        Assert.Null(room.Fault());
    }

    [Fact]
    public async Task Close_OfAnUnknownSite_OrOfNothingToAmend_IsRefused()
    {
        using BookRoom room = await RoomAsync("2026-10-03T00:00:00+05:00");

        Assert.Equal(CloseRefusal.UnknownSite, (await room.CloseAsync("bestobe", "2026-Q3", "A. Person")).Refusal);
        Assert.Equal(CloseRefusal.NotClosed, (await room.CloseAsync("aksu", "2026-Q3", "A. Person", amend: true)).Refusal);
        await room.CloseAsync("aksu", "2026-Q3", "A. Person");
        Assert.Equal(CloseRefusal.AlreadyClosed, (await room.CloseAsync("aksu", "2026-Q3", "A. Person")).Refusal);
        Assert.Equal(CloseRefusal.NothingToAmend, (await room.CloseAsync("aksu", "2026-Q3", "A. Person", amend: true)).Refusal);
    }

    [Fact]
    public async Task UnsettledReading_ThatAddsToThePeriod_KeepsItFromClosing()
    {
        using var room = new BookRoom(Site, "2026-10-05T12:00:00+05:00");
        CloseResult result = await room.ActAsync(async (bookkeeper, engine) =>
        {
            // The rig was silent over the end of the quarter; what its next register reading adds to September is seconds old.
            await BookRoom.FeedAsync(engine, "aksu", Readings[0], new Sent("rig-1", "2026-10-05T11:59:50+05:00", 500m));
            return await bookkeeper.CloseAsync(new CloseRequest("aksu", TaxPeriod.Parse("2026-Q3"), "A. Person"), CancellationToken.None);
        });

        Assert.Equal(CloseRefusal.StillSettling, result.Refusal);
        Assert.StartsWith("1 devices have readings that add to 2026-Q3", result.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Close_CountsWhatIsInNoCheckpointYet()
    {
        using var room = new BookRoom(Site, "2026-10-05T12:00:00+05:00");
        CloseResult result = await room.ActAsync(async (bookkeeper, engine) =>
        {
            await BookRoom.FeedAsync(engine, "aksu", Readings);
            return await bookkeeper.CloseAsync(new CloseRequest("aksu", TaxPeriod.Parse("2026-Q3"), "A. Person"), CancellationToken.None);
        });

        Assert.Equal(Register(144m), StatementReader.ReadStatement(result.Filing!.Content).Energy);
        Assert.Null(room.Fault());
    }

    [Fact]
    public async Task Statement_NamesTheChainsHead_AndTheAnchorFileHasBoth()
    {
        using BookRoom room = await RoomAsync("2026-10-03T00:00:00+05:00");
        CloseResult closed = await room.CloseAsync("aksu", "2026-Q3", "A. Person");

        var anchor = Assert.Single(room.Ledger.Anchors.Read().Anchors);
        Assert.Equal(StatementReader.ReadStatement(closed.Filing!.Content).Head, anchor.Head);
        Assert.Equal((2L, "aksu", closed.Filing.Hash), (anchor.Head.Count, anchor.Filed!.Site, anchor.Filed.Hash));
    }

    [Fact]
    public async Task ManualEntries_NameWhoAndWhy_AndStandInTheStatementOnTheirOwnLines()
    {
        using BookRoom room = await RoomAsync("2026-10-03T00:00:00+05:00");
        await EnterAsync(room, new PostingDraft
        {
            Kind = PostingKind.Manual, Site = "aksu", Device = "rig-1", Day = Day("2026-09-30"),
            Energy = EnergyByQuality.Of(EnergyQuality.Estimated, Kwh(-2.25m)), By = "C. Person", Reason = "office load",
        });
        await EnterAsync(room, new PostingDraft
        {
            Kind = PostingKind.Turnover, Site = "aksu", Day = Day("2026-09-30"), Charge = "kz-astana-hub-royalty",
            Amount = new Money(1_000_050m, "KZT"), By = "C. Person", Reason = "invoices 1 to 9",
        });

        await room.CloseAsync("aksu", "2026-Q3", "A. Person");

        // 144 × 2 = 288; -2.25 × 2 = -4.5, a half goes up; 1 % of 1000050 is 10000.5, a half goes up.
        Assert.Equal(
            [("kz-2026-base", 288m, null), ("manual-1", -4m, "C. Person"), ("kz-astana-hub-1-percent", 10_001m, "C. Person")],
            room.Period("aksu", "2026-Q3").Statement.Lines.Select(line => (line.Code, line.Amount!.Value.Amount, line.By)));
        Assert.Equal(
            ["1 manual rig-1 2026-09-30 -2.25 kWh", "2 turnover - 2026-09-30 0 kWh 1000050 KZT"], room.Postings().Take(2));
        Assert.Null(room.Fault());
    }

    [Fact]
    public async Task Entries_WithoutAName_OrOfUnknownDevices_AreRefusedWithEveryProblem()
    {
        using BookRoom room = await RoomAsync("2026-10-03T00:00:00+05:00");

        (Posting? posting, IReadOnlyList<string> problems) = await room.ActAsync((bookkeeper, _) => bookkeeper.EnterAsync(
            new PostingDraft { Kind = PostingKind.Manual, Site = "aksu", Device = "rig-9", Day = Day("2026-09-30"), Energy = Register(1m) },
            CancellationToken.None));

        Assert.Null(posting);
        Assert.Equal(["the reason is missing", "the name of who decides is missing", "no device 'rig-9' has reported from aksu"], problems);
    }

    [Fact]
    public async Task Entry_AfterTheClose_IsAnAmendmentToFile()
    {
        using BookRoom room = await RoomAsync("2026-10-03T00:00:00+05:00");
        await room.CloseAsync("aksu", "2026-Q3", "A. Person");
        await EnterAsync(room, new PostingDraft
        {
            Kind = PostingKind.Manual, Site = "aksu", Day = Day("2026-09-30"), Charge = "kz-digital-mining-fee", Amount = new Money(-8m, "KZT"),
            By = "C. Person", Reason = "court decision 17",
        });

        PeriodBook period = room.Period("aksu", "2026-Q3");

        Assert.Equal((PeriodState.Amended, "manual-3", -8m), (period.State, period.Pending!.Lines[0].Code, period.Pending.Lines[0].Difference.Amount));
        Assert.Equal(288m, PeriodBook.ToPay(period.Statement, period.Levy).Amount);
        Assert.Equal(280m, PeriodBook.ToPay(period.Now, period.Levy).Amount);
    }

    [Fact]
    public async Task Gaps_OfBilledDevices_StandInTheStatement_CutAtThePeriod()
    {
        using var room = new BookRoom(Site, "2026-10-03T00:00:00+05:00");
        await room.ReplayAsync(
            "aksu",
            new Sent("rig-1", "2026-09-30T23:00:00+05:00", PowerW: 3_000m),
            new Sent("rig-1", "2026-10-01T01:00:00+05:00", PowerW: 3_000m),
            new Sent("rig-1", "2026-10-01T01:05:00+05:00", PowerW: 3_000m));

        await room.CloseAsync("aksu", "2026-Q3", "A. Person");

        StatementGap gap = Assert.Single(room.Period("aksu", "2026-Q3").Statement.Gaps);
        Assert.Equal(("rig-1", "2026-09-30T18:00:00.000Z", "2026-09-30T19:00:00.000Z"), (gap.Device, gap.From.ToString(), gap.To.ToString()));
    }

    [Fact]
    public async Task DeviceThatFallsSilent_IsAGapToThePeriodsEnd_AndNoneInTheNext()
    {
        using var room = new BookRoom(Site, "2027-01-03T00:00:00+05:00");
        await room.ReplayAsync(
            "aksu", new Sent("rig-1", "2026-09-29T08:00:00+05:00", PowerW: 3_000m), new Sent("rig-1", "2026-09-29T08:05:00+05:00", PowerW: 3_000m));

        StatementGap gap = Assert.Single(room.Period("aksu", "2026-Q3").Now.Gaps);

        Assert.Equal(("2026-09-29T03:05:00.000Z", "2026-09-30T19:00:00.000Z"), (gap.From.ToString(), gap.To.ToString()));
        Assert.Empty(room.Period("aksu", "2026-Q4").Now.Gaps);
        await room.CloseAsync("aksu", "2026-Q3", "A. Person");
        Assert.Equal(gap, Assert.Single(room.Period("aksu", "2026-Q3").Statement.Gaps));
    }

    private static async Task<BookRoom> RoomAsync(string now)
    {
        var room = new BookRoom(Site, now);
        await room.ReplayAsync("aksu", Readings);
        return room;
    }

    /// <summary>10 kW around the clock of 92 days at 25: 10 × 2208 × 25 = 552,000; measured were 144 kWh at 2, so 288.</summary>
    [Fact]
    public async Task DeemedVolume_IsShownOnly_UntilANamedPersonEntersIt()
    {
        using var room = new BookRoom(
            """{"id":"aksu","timeZone":"Asia/Almaty","maxPowerKw":10,"devices":[{"id":"rig-1","role":"rig"}]}""", "2026-10-03T00:00:00+05:00");
        await room.ReplayAsync("aksu", [.. Enumerable.Range(0, 49).Select(hour => new Sent(
            "rig-1", DateTimeOffset.Parse("2026-09-29T00:00:00+05:00", CultureInfo.InvariantCulture).AddHours(hour).ToString("O"), 3m * hour))]);
        Statement shown = room.Period("aksu", "2026-Q3").Now;
        Assert.Equal((22_080m, 552_000m), (shown.Exposure!.Volume.KilowattHours, shown.Exposure.Amount.Amount));
        Assert.Equal([288m], shown.Amounts.Select(amount => amount.Amount.Amount));

        await EnterAsync(room, new PostingDraft
        {
            Kind = PostingKind.Manual, Site = "aksu", Day = Day("2026-09-30"), Charge = "kz-digital-mining-fee", Amount = new Money(552_000m - 288m, "KZT"),
            By = "B. Person", Reason = "control meter found faulty, protocol 12: deemed volume",
        });

        Statement decided = room.Period("aksu", "2026-Q3").Now;
        Assert.Equal([552_000m], decided.Amounts.Select(amount => amount.Amount.Amount));
        Assert.Equal(("B. Person", "control meter found faulty, protocol 12: deemed volume"), (decided.Lines[^1].By, decided.Lines[^1].Reasons.Single()));
    }

    /// <summary>Two rigs at 3 kW for two days: 288 kWh; with rig-2 fed by rig-1's feeder, only one of them counts.</summary>
    [Fact]
    public async Task FleetFileThatChangedSinceTheServiceRan_IsFollowedByWhoOnlyLooks()
    {
        const string Both = """{"id":"aksu","timeZone":"Asia/Almaty","devices":[{"id":"rig-1","role":"rig"},{"id":"rig-2","role":"rig"}]}""";
        const string Fed =
            """
            {"id":"aksu","timeZone":"Asia/Almaty","devices":[{"id":"rig-1","role":"feeder","tenant":[{"from":"2022-01-01","value":"acme"}]},
             {"id":"rig-2","role":"rig","fedBy":"rig-1"}]}
            """;
        using var room = new BookRoom(Both, "2026-10-03T00:00:00+05:00");
        await room.ReplayAsync("aksu", [.. new[] { "rig-1", "rig-2" }.SelectMany(rig => Enumerable.Range(0, 49).Select(hour => new Sent(
            rig, DateTimeOffset.Parse("2026-09-29T00:00:00+05:00", CultureInfo.InvariantCulture).AddHours(hour).ToString("O"), 3m * hour)))]);
        Assert.Equal(288m, room.Totals("aksu").Sum(row => row.Energy.Total.KilowattHours));

        using BookRoom changed = room.Under(Fed);

        Assert.Equal([(null, 144m)], Of(changed, "site"));
        Assert.Equal([("acme", 144m)], Of(changed, "tenant"));
        Assert.Equal([("rig-1", 144m)], changed.Totals("aksu", "device").Select(row => (row.Device, row.Energy.Total.KilowattHours)));
        await changed.ActAsync((_, _) => Task.FromResult(true));
        Assert.Equal([("acme", 144m)], Of(changed, "tenant"));

        static (string?, decimal)[] Of(BookRoom books, string group) =>
            [.. books.Totals("aksu", group).Select(row => (row.Tenant, row.Energy.Total.KilowattHours))];
    }

    private static async Task EnterAsync(BookRoom room, PostingDraft entry)
    {
        (Posting? posting, IReadOnlyList<string> problems) = await room.ActAsync((bookkeeper, _) => bookkeeper.EnterAsync(entry, CancellationToken.None));
        Assert.Empty(problems);
        Assert.NotNull(posting);
    }
}
