using System.Security.Cryptography;
using System.Text;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using Xunit;
using static FleetMonitor.Tests.Levy.LevyBooks;

namespace FleetMonitor.Tests.Levy;

public class StatementTests
{
    private static readonly TaxPeriod Quarter = TaxPeriod.Parse("2026-Q2");

    [Fact]
    public void Lines_AreRoundedOnceEachAndKeepTheExactFigure()
    {
        // Two lines that end in a quarter of a tenge: each is rounded down, and the total is the sum of what is filed.
        Statement statement = Made(
            StatedSite() with { EnergySource = [Since("2020-01-01", EnergySource.Grid, to: "2026-05-01"), Since("2026-05-01", EnergySource.OwnRenewable)] },
            Books("rig-1", "2026-04-01", 10.125m),
            Books("rig-1", "2026-05-01", 10.25m));

        Assert.Equal(
            [("kz-2026-base", 20.25m, 20m), ("kz-2026-own-renewable", 10.25m, 10m)],
            statement.Lines.Select(line => (line.Code, line.Exact!.Value.Amount, line.Amount!.Value.Amount)));
        Assert.Equal([("kz-digital-mining-fee", new Money(30m, "KZT"))], statement.Amounts);
    }

    [Fact]
    public void Estimates_AndUnratedEnergy_AreShown()
    {
        Site site = StatedSite();
        Statement statement = StatementDraft.Make(Inputs(site, TaxPeriod.Parse("2023-Q2")) with
        {
            Books = Billing.RollUp([new(new("aksu", "rig-1"), Day("2023-04-01"), Qualities(1m, 1m, 1m))], Only(site)),
        });

        Assert.Equal(0.333333m, statement.EstimatedShare);
        Assert.Equal(Qualities(1m, 1m, 1m), statement.UnratedEnergy);
        Assert.Empty(statement.Amounts);
    }

    [Fact]
    public void Exposure_At180Megawatts_IsThatOfTheFacts()
    {
        // 91 days of 24 hours: 2184 h × 180,000 kW = 393,120,000 kWh; × 25 = 9.828 bn against 786.24 M at the base rate.
        DeemedExposure exposure = Made(StatedSite()).Exposure!;

        Assert.Equal(393_120_000m, exposure.Volume.KilowattHours);
        Assert.Equal(new Money(9_828_000_000m, "KZT"), exposure.Amount);
        Assert.Equal("Tax Code (2026) art. 659(3)", exposure.LegalRef);
    }

    [Fact]
    public void Exposure_OverTheClockChange_CountsItsHour()
    {
        // No volume was deemed in 2024; the rule of 2026 applied to that quarter shows the 2185 hours.
        Charge levy = Law.Levy with { DeemedVolume = [new DeemedVolumeRule(null, null, 25m, "test")] };

        Assert.Equal(2185m * 180_000m, StatementDraft.Exposure(StatedSite(), TaxPeriod.Parse("2024-Q1"), levy)!.Volume.KilowattHours);
        Assert.Null(StatementDraft.Exposure(StatedSite(), TaxPeriod.Parse("2024-Q1"), Law.Levy));
        Assert.Null(StatementDraft.Exposure(StatedSite() with { MaxPower = null }, Quarter, Law.Levy));
    }

    [Fact]
    public void ManualAdjustments_AreLinesOfTheirOwnWithWhoAndWhy()
    {
        Posting[] postings =
        [
            Post(1, new() { Kind = PostingKind.Manual, Site = "aksu", Day = Day("2026-04-02"), Energy = Register(-5.25m), By = "A. Person", Reason = "office load" }),
            Post(2, new() { Kind = PostingKind.Manual, Site = "aksu", Day = Day("2026-04-03"), Charge = "kz-digital-mining-fee", Amount = new(-7.5m, "KZT"), By = "B. Person", Reason = "court" }),
            Post(3, new() { Kind = PostingKind.Manual, Site = "aksu", Day = Day("2026-07-01"), Energy = Register(1m), By = "A. Person", Reason = "next quarter" }),
            Post(4, new() { Kind = PostingKind.Manual, Site = "bestobe", Day = Day("2026-04-03"), Energy = Register(1m), By = "A. Person", Reason = "other site" }),
        ];
        Statement statement = StatementDraft.Make(Inputs(StatedSite(), Quarter) with { Postings = postings });

        // -5.25 kWh × 2 = -10.5, a half goes up to -10; -7.5 to -7.
        Assert.Equal(
            [("manual-1", 2m, -10.5m, -10m, "A. Person", "office load"), ("manual-2", null, -7.5m, -7m, "B. Person", "court")],
            statement.Lines.Select(line => (line.Code, line.Rate, line.Exact!.Value.Amount, line.Amount!.Value.Amount, line.By!, line.Reasons[0])));
    }

    [Fact]
    public void Turnover_MakesALinePerChargeOnRevenue()
    {
        Posting[] postings =
        [
            Post(1, Turnover("kz-astana-hub-royalty", 1_000_000m)),
            Post(2, Turnover("kz-astana-hub-royalty", 234_567m)),
            Post(3, Turnover("kz-mining-revenue-tax", 1_000m)),
        ];
        Statement statement = StatementDraft.Make(Inputs(StatedSite(), Quarter) with { Postings = postings });

        Assert.Equal(
            [("kz-astana-hub-1-percent", 1_234_567m, 12_345.67m, 12_346m), ("kz-mining-revenue-15-percent", 1_000m, 150m, 150m)],
            statement.Lines.Select(line => (line.Code, line.Turnover!.Value.Amount, line.Exact!.Value.Amount, line.Amount!.Value.Amount)));

        static PostingDraft Turnover(string charge, decimal amount) => new()
        {
            Kind = PostingKind.Turnover, Site = "aksu", Day = Day("2026-04-02"), Charge = charge, Amount = new(amount, "KZT"), By = "A. Person", Reason = "invoices",
        };
    }

    [Fact]
    public void Decisions_ForAChargeThatTheScheduleHasNoLonger_StayWithTheirAmounts_AndTurnoverIsUnrated()
    {
        Posting[] postings =
        [
            Posted(1, new() { Kind = PostingKind.Turnover, Site = "aksu", Day = Day("2026-04-02"), Charge = "gone", Amount = new(1_000m, "KZT"), By = "A", Reason = "B" }),
            Posted(2, new() { Kind = PostingKind.Manual, Site = "aksu", Day = Day("2026-04-02"), Charge = "gone", Amount = new(-7m, "KZT"), By = "A", Reason = "B" }),
        ];
        Statement statement = StatementDraft.Make(Inputs(StatedSite(), Quarter) with { Postings = postings });

        Assert.Equal(
            [("gone", -7m), ("gone", null)],
            statement.Lines.Select(line => (line.Charge, line.Exact?.Amount)).OrderBy(line => line.Item2 is null));
    }

    [Fact]
    public void CanonicalText_ReadBack_IsTheSameStatement()
    {
        Statement statement = StatementDraft.Make(Inputs(StatedSite() with { Name = "Ақсу <1> \"north\"", EnergySource = [] }, Quarter) with
        {
            Books = Billing.RollUp([new(new("aksu", "rig-1"), Day("2026-04-01"), Qualities(12345.678901234m, 1m, 0.000000001m))], _ => null),
            Postings = [Post(1, new() { Kind = PostingKind.Manual, Site = "aksu", Day = Day("2026-04-02"), Energy = Register(1m), By = "A", Reason = "B" })],
            Gaps = [new("rig-1", new(1_700_000_000_000), new(1_700_000_600_001))],
        }) with
        { Closing = new("A. Person", new(1_790_000_000_123)) };
        byte[] canonical = StatementJson.Write(statement);

        Statement read = StatementReader.ReadStatement(canonical);

        Assert.Equal(Encoding.UTF8.GetString(canonical), Encoding.UTF8.GetString(StatementJson.Write(read)));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(canonical)), StatementJson.HashOf(read));
        Assert.NotEqual(StatementJson.HashOf(statement), StatementJson.HashOf(statement with { Head = new(1, statement.Head.Hash) }));
    }

    [Fact]
    public void Amendment_ReadBack_IsTheSame()
    {
        Statement filed = Made(StatedSite(), Books("rig-1", "2026-04-01", 1m));
        Amendment amendment = Amendment.Between(filed, [], Made(StatedSite(), Books("rig-1", "2026-04-01", 3m)))!;

        byte[] canonical = StatementJson.Write(amendment);

        Assert.Equal(canonical, StatementJson.Write(StatementReader.ReadAmendment(canonical)));
    }

    /// <summary>As filed by a version that knew format 2: by hand -2.25 kWh and turnover, then 3 kWh more by late readings and -8 by a court.</summary>
    [Fact]
    public void Format2_IsReadAndWrittenAsItWasFiled()
    {
        byte[] statement = File.ReadAllBytes(Repository.File("tests/FleetMonitor.Tests/Cases/filed/statement-format-2.json"));
        byte[] amendment = File.ReadAllBytes(Repository.File("tests/FleetMonitor.Tests/Cases/filed/amendment-format-2.json"));

        Statement filed = StatementReader.ReadStatement(statement);
        Amendment amended = StatementReader.ReadAmendment(amendment);

        Assert.Equal(Encoding.UTF8.GetString(statement), Encoding.UTF8.GetString(StatementJson.Write(filed)));
        Assert.Equal(Encoding.UTF8.GetString(amendment), Encoding.UTF8.GetString(StatementJson.Write(amended)));
        Assert.Equal("72084e58e7d980fcde8f09639bf78890afa7840626b60bbf0236b78837d0138e", StatementJson.HashOf(filed));
        Assert.Equal((2, 2, filed.Period), (filed.Format, amended.Format, amended.Period));

        // What was entered by hand stood in its line alone; what is filed in all counts it. 284 of the fee, and -2 by the amendment.
        var standing = new TaxReturn(filed, [amended], null);
        Assert.Equal((144m, 144.75m), (filed.Energy.Total.KilowattHours, standing.Sums.Energy.Total.KilowattHours));
        Assert.Equal([("kz-digital-mining-fee", 282m), ("kz-astana-hub-royalty", 10_001m)], standing.Amounts.Select(amount => (amount.Charge, amount.Amount.Amount)));
    }

    [Fact]
    public void FormatOfALaterVersion_IsRefused()
    {
        byte[] later = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(StatementJson.Write(Made(StatedSite()))).Replace("\"format\":3", "\"format\":4", StringComparison.Ordinal));

        Assert.Throws<FormatException>(() => StatementReader.ReadStatement(later));
    }

    [Fact]
    public void EnergyRatedAfterFiling_IsADifferenceFromNothing()
    {
        var period = TaxPeriod.Parse("2023-Q2");
        IReadOnlyList<SiteDay> books = Billing.RollUp([Books("rig-1", "2023-04-01", 100m)], _ => null);
        Statement unrated = StatementDraft.Make(Inputs(StatedSite(), period) with { Books = books });
        Statement rated = StatementDraft.Make(
            Inputs(StatedSite() with { ContractPrice = [Since("2020-01-01", 24m)] }, period) with { Books = books });

        Assert.Equal(
            [("kz-2023-price-24-and-above", null, 100m), ("kz-2023-unrated", null, 0m)],
            Amendment.Between(unrated, [], rated)!.Lines.Select(line => (line.Code, line.Before?.Amount, line.Difference.Amount)));
    }

    [Theory]
    [InlineData("2026-06-30", false, false, PeriodState.Open)]
    [InlineData("2026-07-01", false, false, PeriodState.Provisional)]
    [InlineData("2026-07-10", true, false, PeriodState.Closed)]
    [InlineData("2026-08-10", true, true, PeriodState.Amended)]
    public void State_OfAPeriod_FollowsTheDayAndTheFiling(string today, bool filed, bool amended, PeriodState state) =>
        Assert.Equal(state, PeriodStates.Of(Quarter, Day(today), filed, amended));

    [Theory]
    [InlineData("2026-06-30", false, false, false, "A. Person", CloseRefusal.NotOver)]
    [InlineData("2026-06-30", false, true, true, "A. Person", null)]
    [InlineData("2026-07-01", true, false, true, "A. Person", CloseRefusal.AlreadyClosed)]
    [InlineData("2026-07-01", false, true, false, "A. Person", CloseRefusal.StillSettling)]
    [InlineData("2026-07-01", false, false, false, " ", CloseRefusal.NameMissing)]
    [InlineData("2026-07-01", false, true, true, "A. Person", null)]
    [InlineData("2026-07-01", false, false, false, "A. Person", null)]
    public void Closing_NeedsANameAndAPeriodThatIsOverAndSettledUnlessForced(
        string today, bool filed, bool settling, bool force, string by, CloseRefusal? refusal) =>
        Assert.Equal(refusal, PeriodStates.RefusalToClose(Quarter, Day(today), filed, settling, force, by));

    private static Statement Made(Site site, params DeviceDay[] books) =>
        StatementDraft.Make(Inputs(site, Quarter) with { Books = Billing.RollUp(books, Only(site)) });

    private static StatementInputs Inputs(Site site, TaxPeriod period) => new()
    {
        Site = site, Period = period, Schedule = Law, Books = [], Head = PostingHead.Genesis,
    };

    private static Posting Post(long seq, PostingDraft draft)
    {
        Assert.Empty(draft.Problems(Law));
        return Posted(seq, draft);
    }

    private static Posting Posted(long seq, PostingDraft draft) =>
        PostingChain.Append(new PostingHead(seq - 1, PostingHead.Genesis.Hash), draft, new(1_790_000_000_000));
}
