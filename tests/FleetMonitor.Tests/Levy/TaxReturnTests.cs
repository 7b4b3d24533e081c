using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Service.Configuration;
using Xunit;
using static FleetMonitor.Tests.Levy.CsvText;
using static FleetMonitor.Tests.Levy.LevyBooks;

namespace FleetMonitor.Tests.Levy;

/// <summary>
/// The second quarter of 2026 of one site, at 2 tenge a kWh and 1 % of turnover.
/// <code>
///   filed 10 July        30.25 kWh metered             60.5    61
///                        -1.25 kWh by hand             -2.5    -2     59 of the fee
///                        1000 of turnover              10      10     10 of the royalty
///   amended 20 August    0.5 kWh late: 30.75           61.5    62     +1
///                        4 kWh by hand                 8       8      +8
///                        500 more of turnover          15      15     +5
///   not filed            1 kWh late: 31.75             63.5    64     +2
///                        -7 by a court                 -7      -7     -7
/// </code>
/// </summary>
public class TaxReturnTests
{
    private static readonly Posting[] Decided =
    [
        Post(1, "2026-07-03", new() { Kind = PostingKind.Manual, Site = "aksu", Day = Day("2026-04-02"), Energy = Qualities(0m, 0m, -1.25m), By = "A. Person", Reason = "office load" }),
        Post(2, "2026-07-03", new() { Kind = PostingKind.Turnover, Site = "aksu", Day = Day("2026-04-10"), Charge = "kz-astana-hub-royalty", Amount = new(1_000m, "KZT"), By = "B. Person", Reason = "invoice 1" }),
        Post(6, "2026-08-18", new() { Kind = PostingKind.Manual, Site = "aksu", Device = "rig-1", Day = Day("2026-05-05"), Energy = Qualities(0m, 0m, 4m), By = "D. Person", Reason = "meter was bypassed" }),
        Post(7, "2026-08-19", new() { Kind = PostingKind.Turnover, Site = "aksu", Day = Day("2026-05-01"), Charge = "kz-astana-hub-royalty", Amount = new(500m, "KZT"), By = "E. Person", Reason = "invoice 2" }),
        Post(9, "2026-09-01", new() { Kind = PostingKind.Manual, Site = "aksu", Day = Day("2026-06-30"), Charge = "kz-digital-mining-fee", Amount = new(-7m, "KZT"), By = "F. Person", Reason = "court decision 17" }),
    ];

    private static readonly StatementInputs First = Inputs(5, Books("rig-1", "2026-04-01", 10m), Books("rig-1", "2026-06-30", 20.25m));
    private static readonly StatementInputs Second = Inputs(8, Books("rig-1", "2026-04-01", 10.5m), Books("rig-1", "2026-06-30", 20.25m));
    private static readonly StatementInputs Third = Inputs(10, Books("rig-1", "2026-04-01", 10.5m), Books("rig-1", "2026-06-30", 21.25m));

    private static readonly Statement Filed = StatementDraft.Make(First) with { Closing = new("A. Person", At("2026-07-10")) };
    private static readonly Amendment Amended = Amendment.Between(Filed, [], StatementDraft.Make(Second))! with { Closing = new("C. Person", At("2026-08-20")) };
    private static readonly Amendment NotFiled = Amendment.Between(Filed, [Amended], StatementDraft.Make(Third))!;
    private static readonly TaxReturn Return = new(Filed, [Amended], NotFiled);

    [Fact]
    public void Amendments_NameWhoDecidedTheDifferenceAndWhy()
    {
        Assert.Equal(
            [
                "kz-2026-base +1 - kz-2026-base",
                "manual-6 +8 D. Person: meter was bypassed, posting 6 of 2026-08-18 for rig-1 2026-05-05",
                "kz-astana-hub-1-percent +5 E. Person: invoice 2, posting 7 of 2026-08-19 for the site 2026-05-01",
            ],
            Lines(Amended));
        Assert.Equal(
            ["kz-2026-base +2 - kz-2026-base", "manual-9 -7 F. Person: court decision 17, posting 9 of 2026-09-01 for the site 2026-06-30"],
            Lines(NotFiled));
    }

    [Fact]
    public void Amendments_ReadBack_NameThemStill()
    {
        byte[] canonical = StatementJson.Write(Amended);

        Assert.Equal(Lines(Amended), Lines(StatementReader.ReadAmendment(canonical)));
        Assert.Equal(canonical, StatementJson.Write(StatementReader.ReadAmendment(canonical)));
        Assert.Equal(StatementJson.Write(Filed), StatementJson.Write(StatementReader.ReadStatement(StatementJson.Write(Filed))));
    }

    [Fact]
    public void LineThatChangesForAnotherReason_NamesAllThatItIsMadeOf()
    {
        // The fee of April is 1 rather than 2: what A. Person took off in April is worth half.
        StatementInputs renewable = Second with
        {
            Site = Second.Site with { EnergySource = [Since("2026-04-01", EnergySource.OwnRenewable, to: "2026-05-01"), Since("2026-05-01", EnergySource.Grid)] },
        };

        AmendmentLine line = Amendment.Between(Filed, [Amended], StatementDraft.Make(renewable))!.Lines.Single(line => line.Code == "manual-1" && line.Rate == 1m);

        Assert.Equal(("A. Person", "office load", 1L), (line.By, line.Reasons.Single(), line.Decisions.Single().Posting));
    }

    [Fact]
    public void EnergyByHand_CountsInTheSums_AndIsNamed()
    {
        PeriodEnergy filed = Filed.Sums;
        PeriodEnergy standing = Return.Sums;

        // 30.25 - 1.25; of 29 kWh 1.25 were not measured.
        Assert.Equal((29m, -1.25m, 0.043103m), (filed.Energy.Total.KilowattHours, filed.ByHand!.Value.KilowattHours, filed.EstimatedShare));

        // 30.75 - 1.25 + 4; of 33.5 kWh 5.25 were not measured.
        Assert.Equal((33.5m, 2.75m, 0.156716m), (standing.Energy.Total.KilowattHours, standing.ByHand!.Value.KilowattHours, standing.EstimatedShare));
        Assert.Equal(
            29m, LevyTotals.Compute(First.Books, Only(First.Site), Law, new TotalsQuery(), First.Postings).Sum(row => row.Energy.Total.KilowattHours));
    }

    [Fact]
    public void EnergyByHand_OfUnknownRate_IsUnrated()
    {
        var period = TaxPeriod.Parse("2023-Q2");
        Statement statement = StatementDraft.Make(First with
        {
            Period = period,
            Books = Billing.RollUp([Books("rig-1", "2023-04-01", 5m)], _ => null),
            Postings = [Post(1, "2023-07-03", new() { Kind = PostingKind.Manual, Site = "aksu", Day = Day("2023-04-02"), Energy = Qualities(0m, 0m, 2m), By = "A", Reason = "B" })],
        });

        Assert.Equal(Qualities(5m, 0m, 2m), statement.UnratedEnergy);
    }

    [Fact]
    public void Lines_ShowWhatIsFiledByEachDocument_AndWhatIsNotFiledApart()
    {
        Table lines = StatementTables.Lines(Return);

        Assert.Equal(
            [
                "statement | kz-2026-base | 30.25 | 61 | 61 | - | - | - | -",
                "statement | manual-1 | -1.25 | -2 | -2 | - | - | A. Person | posting 1 of 2026-07-03 for 2026-04-02",
                "statement | kz-astana-hub-1-percent | 0 | 10 | 10 | - | - | B. Person | posting 2 of 2026-07-03 for 2026-04-10",
                "amendment-1 | kz-2026-base | 0.5 | 1 | 62 | - | - | - | -",
                "amendment-1 | manual-6 | 4 | 8 | 8 | - | - | D. Person | posting 6 of 2026-08-18 for 2026-05-05 rig-1",
                "amendment-1 | kz-astana-hub-1-percent | 0 | 5 | 15 | - | - | E. Person | posting 7 of 2026-08-19 for 2026-05-01",
                "pending | kz-2026-base | - | - | - | 1 | 2 | - | -",
                "pending | manual-9 | - | - | - | 0 | -7 | F. Person | posting 9 of 2026-09-01 for 2026-06-30",
            ],
            Columns(lines, "document", "code", "energyKwh", "amount", "filedToDate", "pendingKwh", "pendingAmount", "by", "decisions"));

        // Whoever sums the column of amounts has what is filed: 68 of the fee and 15 of the royalty.
        Assert.Equal(83m, Columns(lines, "amount").Where(amount => amount != "-").Sum(decimal.Parse));
    }

    [Fact]
    public void Draft_IsMarkedAsOne()
    {
        Table lines = StatementTables.Lines(new TaxReturn(StatementDraft.Make(First), [], null));

        Assert.Equal(["draft | 61 | -", "draft | -2 | -", "draft | 10 | -"], Columns(lines, "document", "amount", "filedToDate"));
    }

    [Fact]
    public void Summary_ShowsTheFigureFirstFiled_EachAmendment_TheirSum_AndWhatIsNotFiled()
    {
        string[] rows = Columns(SummaryTable.Of(Return), "key", "value");

        Assert.Equal(
            [
                "energyKwh | 33.5", "manualKwh | 2.75", "estimatedShare | 0.156716", "unratedKwh | 0",
                "amount:kz-digital-mining-fee | 68", "amount:kz-astana-hub-royalty | 15",
                "filed:kz-digital-mining-fee | 59", "filed:kz-astana-hub-royalty | 10",
                "amendment-1:kz-digital-mining-fee | 9", "amendment-1:kz-astana-hub-royalty | 5",
                "amendment-1 | C. Person, 2026-08-20T05:00:00.000Z",
                "pendingKwh | 1", "pending:kz-digital-mining-fee | -5",
            ],
            rows.SkipWhile(row => !row.StartsWith("energyKwh", StringComparison.Ordinal)).TakeWhile(row => !row.StartsWith("unconfirmed", StringComparison.Ordinal)));
    }

    [Fact]
    public void Decisions_AreListedWithTheDocumentThatFilesThem()
    {
        Assert.Equal(
            [
                "statement | 1 | 2026-07-03 | 2026-04-02 | 2026-Q2 | - | A. Person | office load",
                "statement | 2 | 2026-07-03 | 2026-04-10 | 2026-Q2 | - | B. Person | invoice 1",
                "amendment-1 | 6 | 2026-08-18 | 2026-05-05 | 2026-Q2 | rig-1 | D. Person | meter was bypassed",
                "amendment-1 | 7 | 2026-08-19 | 2026-05-01 | 2026-Q2 | - | E. Person | invoice 2",
                "pending | 9 | 2026-09-01 | 2026-06-30 | 2026-Q2 | - | F. Person | court decision 17",
            ],
            Columns(DecisionTable.Of(Return), "document", "posting", "booked", "day", "period", "device", "by", "reason"));
    }

    [Fact]
    public void Register_KeepsWhatWasFiled_AndBooksLaterChangesOnTheDayTheyWereBooked()
    {
        TaxRegister register = TaxRegister.Make(
            Filed,
            [
                new("statement", Day("2026-07-10"), TaxRegister.RowsOf(First), new Money(59m, "KZT")),
                new("amendment-1", Day("2026-08-20"), TaxRegister.RowsOf(Second), new Money(9m, "KZT")),
                new("pending", null, TaxRegister.RowsOf(Third), new Money(-5m, "KZT")),
            ],
            "Person A. A.",
            new Money(100m, "KZT"));

        Assert.Equal(
            [
                "2026-04-01 | kz-2026-base | 10 | 20 | 120 | 2026-04-01 | statement | - | - | -",
                "2026-06-30 | kz-2026-base | 20.25 | 40.5 | 160.5 | 2026-06-30 | statement | - | - | -",
                "2026-07-03 | manual-1 | -1.25 | -2.5 | 158 | 2026-04-02 | statement | A. Person | - | -",
                "2026-07-10 | rounding | 0 | 1 | 159 | - | statement | - | - | -",
                "2026-08-18 | manual-6 | 4 | 8 | 167 | 2026-05-05 | amendment-1 | D. Person | - | -",
                "2026-08-20 | kz-2026-base | 0.5 | 1 | 168 | 2026-04-01 | amendment-1 | - | - | -",
                "2026-09-01 | manual-9 | - | - | - | 2026-06-30 | pending | F. Person | 0 | -7",
                "- | kz-2026-base | - | - | - | 2026-06-30 | pending | - | 1 | 2",
            ],
            Columns(register.ToTable(), "date", "code", "energyKwh", "amount", "balance", "consumed", "document", "by", "pendingKwh", "pendingAmount"));
        Assert.All(Columns(register.ToTable(), "period"), period => Assert.Equal("2026-Q2", period));
        Assert.Equal(new Money(168m, "KZT"), register.Closing);
        string html = HtmlExport.Of(register);
        Assert.Contains("НЕ ПРЕДСТАВЛЕНО, в сальдо не входит / NOT FILED, in no balance", html, StringComparison.Ordinal);
        Assert.Contains("court decision 17", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Register_OfADraft_IsBookedToThePeriodsEnd()
    {
        TaxRegister register = TaxRegister.Make(
            StatementDraft.Make(First), [new("draft", null, TaxRegister.RowsOf(First with { Postings = [] }), new Money(61m, "KZT"))], string.Empty, new Money(0m, "KZT"));

        Assert.Equal(
            ["2026-04-01 | kz-2026-base | 20", "2026-06-30 | kz-2026-base | 60.5", "2026-06-30 | rounding | 61"],
            Columns(register.ToTable(), "date", "code", "balance"));
    }

    [Fact]
    public void DecisionBookedBeforeItsDay_IsBookedOnThatDay()
    {
        StatementInputs ahead = First with
        {
            Postings = [Post(1, "2026-05-01", new() { Kind = PostingKind.Manual, Site = "aksu", Day = Day("2026-06-10"), Energy = Qualities(0m, 0m, 1m), By = "A", Reason = "B" })],
        };

        TaxRegister register = TaxRegister.Make(
            StatementDraft.Make(ahead), [new("draft", null, TaxRegister.RowsOf(ahead), new Money(63m, "KZT"))], string.Empty, new Money(0m, "KZT"));

        Assert.Contains("2026-06-10 | manual-1", Columns(register.ToTable(), "date", "code"));
    }

    [Fact]
    public void Html_MarksWhatIsNotFiled_AndNamesWhoAndWhy()
    {
        string html = HtmlExport.Of(Return);

        Assert.All(
            [
                "There are differences that are not filed; they stand apart", "Есть отличия, которые не представлены",
                "Дополнительная отчётность 1 / Amended return 1", "НЕ ПРЕДСТАВЛЕНО: отличия от представленного / NOT FILED",
                "meter was bypassed", "court decision 17", "posting 9 of 2026-09-01 for 2026-06-30",
            ],
            text => Assert.Contains(text, html, StringComparison.Ordinal));
        Assert.DoesNotContain("not filed", HtmlExport.Of(new TaxReturn(Filed, [Amended], null)), StringComparison.Ordinal);
    }

    [Fact]
    public void Journal_OfAChargeThatLeftTheSchedule_IsBookedOnTheAccountsForAll()
    {
        var settings = new LevySettings(
            null, new ChargeAccounts("7210", "3190"), new Dictionary<string, ChargeAccounts> { ["kz-astana-hub-royalty"] = new("7211", "3191") });
        Posting gone = PostingChain.Append(
            PostingHead.Genesis,
            new() { Kind = PostingKind.Manual, Site = "aksu", Day = Day("2026-04-02"), Charge = "gone", Amount = new(-7m, "KZT"), By = "A. Person", Reason = "court" },
            At("2026-07-03"));
        Statement statement = StatementDraft.Make(First with { Postings = [Decided[1], gone] });

        Assert.Equal(
            ["7210 | 3190 | 61 | kz-2026-base | - | -", "3190 | 7210 | 7 | manual-1 | A. Person | court", "7211 | 3191 | 10 | kz-astana-hub-1-percent | B. Person | invoice 1"],
            Columns(Journal.ToTable(Journal.Of(statement, settings.AccountsOf)), "debit", "credit", "amount", "text", "by", "reason"));
    }

    [Fact]
    public void LineThatCameAndWentByAmendments_WhoseChargeIsNowhereElse_HasItsCurrencyStill()
    {
        AmendmentLine came = Amended.Lines[1] with { Charge = "gone", Code = "gone", Now = null, NowEnergy = default };
        Amendment withdrawn = Amended with { Lines = [came] };

        Assert.DoesNotContain(Amendment.Between(Filed, [withdrawn], StatementDraft.Make(First))?.Lines ?? [], line => line.Charge == "gone");
    }

    private static StatementInputs Inputs(long upTo, params DeviceDay[] books) => new()
    {
        Site = StatedSite(),
        Period = TaxPeriod.Parse("2026-Q2"),
        Schedule = Law,
        Books = Billing.RollUp(books, _ => null),
        Postings = [.. Decided.Where(posting => posting.Seq <= upTo)],
        Head = new PostingHead(upTo, PostingHead.Genesis.Hash),
    };

    private static Posting Post(long seq, string on, PostingDraft draft)
    {
        Assert.Empty(draft.Problems(Law));
        return PostingChain.Append(new PostingHead(seq - 1, PostingHead.Genesis.Hash), draft, At(on));
    }

    /// <summary>10:00 in Almaty.</summary>
    private static Instant At(string day) => Instant.From(new DateTimeOffset(Day(day), new TimeOnly(10, 0), TimeSpan.FromHours(5)));

    private static string[] Lines(Amendment amendment) => [.. amendment.Lines.Select(line => string.Join(", ", [
        $"{line.Code} {line.Difference.Amount:+0;-0} {(line.By is { } by ? by + ":" : "-")} {string.Join("; ", line.Reasons)}",
        .. line.Decisions.Select(decision => $"posting {decision.Posting} of {DayCalendar.Of(Almaty).DateOf(decision.BookedAt):yyyy-MM-dd} for {decision.Device ?? "the site"} {decision.Day:yyyy-MM-dd}"),
    ]))];
}
