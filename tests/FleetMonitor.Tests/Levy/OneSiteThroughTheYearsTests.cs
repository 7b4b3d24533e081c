using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using Xunit;
using static FleetMonitor.Tests.Levy.LevyBooks;

namespace FleetMonitor.Tests.Levy;

/// <summary>
/// One site from the last day without a fee to the first of a new quarter in 2026: every rate change, the 25-hour day of 2024, sources and
/// licences that change in mid-quarter, a meter that is replaced, two tenants, late data after the close, and two amended returns.
/// </summary>
public class OneSiteThroughTheYearsTests
{
    private static readonly Site Aksu = (StatedSite() with
    {
        Basis = BillingBasis.ControlMeter,
        EnergySource =
        [
            Since("2020-01-01", EnergySource.Grid, to: "2023-07-15"),
            Since("2023-07-15", EnergySource.Own, to: "2023-10-01"),
            Since("2023-10-01", EnergySource.Grid, to: "2024-05-16"),
            Since("2024-05-16", EnergySource.OwnRenewable, to: "2024-06-01"),
            Since("2024-06-01", EnergySource.Grid),
        ],
        ContractPrice = [Since("2022-01-01", 25m, to: "2023-05-01"), Since("2023-05-01", 16.5m)],
        Licence =
        [
            Since("2023-04-01", "subtype-1", to: "2026-02-15"),
            Since("2026-02-15", "none", to: "2026-03-01"),
            Since("2026-03-01", "subtype-2"),
        ],
        MeterStatus =
        [
            Since("2020-01-01", MeterStatus.Working, to: "2023-11-10"),
            Since("2023-11-10", MeterStatus.Faulty, to: "2023-11-20"),
            Since("2023-11-20", MeterStatus.Working),
        ],
    }).With(ControlMeter("meter-1"), ControlMeter("meter-2"), Rig("rig-1", "acme"), Rig("rig-2", "bolt"));

    private static readonly DeviceDay[] AllBooks =
    [
        Books("meter-1", "2021-12-31", 1000m),   // no fee yet
        Books("meter-1", "2022-01-01", 1000m),   // 1, flat
        Books("meter-1", "2022-12-31", 1500m),
        Books("meter-1", "2023-01-01", 2000m),   // by average price: 25 all quarter
        Books("meter-1", "2023-04-10", 3000m),   // 25 in April, 16.5 from May: (3000 × 25 + 1000 × 16.5) / 4000 = 22.875
        Books("meter-1", "2023-05-10", 1000m),
        Books("meter-1", "2023-07-14", 700m),    // grid at 16.5: an unset band
        Books("meter-1", "2023-07-15", 500m),    // own plant from here: 10
        Books("meter-1", "2023-11-09", 100m),    // grid at 16.5 again
        Books("meter-1", "2023-11-10", 200m),    // meter faulty, by decision: 25
        Books("meter-1", "2023-11-20", 300m),
        Books("meter-1", "2023-12-31", 400m),
        Books("meter-1", "2024-01-01", 1000m),   // 2
        Books("meter-1", "2024-02-29", 2500m),   // the day of 25 hours, at 100 kW
        Books("meter-1", "2024-03-01", 2400m),
        Books("meter-1", "2024-05-15", 100m),
        Books("meter-1", "2024-05-16", 100m),    // own renewable from here: 1
        Books("meter-1", "2024-06-01", 100m),    // grid again
        Books("meter-1", "2024-08-14", 300m), Books("rig-1", "2024-08-14", 100m), Books("rig-2", "2024-08-14", 150m),
        Books("meter-1", "2024-08-15", 120m), Books("rig-1", "2024-08-15", 200m), Books("rig-2", "2024-08-15", 200m),
        Books("meter-2", "2024-08-15", 180m),    // meter replaced at noon
        Books("meter-2", "2024-08-16", 300m), Books("rig-1", "2024-08-16", 90m), Books("rig-2", "2024-08-16", 120m),
        Books("meter-2", "2025-12-31", 1000m),
        Books("meter-2", "2026-01-01", 1000m),
        Books("meter-2", "2026-02-14", 10m),
        Books("meter-2", "2026-02-15", 10m),     // no licence from here: 25
        Books("meter-2", "2026-03-01", 10m),     // licensed again
        Books("meter-2", "2026-03-31", 5m),
        Books("meter-2", "2026-04-01", 7m),
    ];

    [Fact]
    public void Books_OverAllRates_ChargeEachDayByTheLawOfThatDay()
    {
        Assert.Equal(
            [
                "2021-Q4 kz-none@0 1000 kWh 0 KZT",
                "2022-Q1 kz-2022-flat@1 1000 kWh 1000 KZT",
                "2022-Q4 kz-2022-flat@1 1500 kWh 1500 KZT",
                "2023-Q1 kz-2023-price-24-and-above@1 2000 kWh 2000 KZT",
                "2023-Q2 kz-2023-unrated@? 4000 kWh unrated",
                "2023-Q3 kz-2023-own@10 500 kWh 5000 KZT",
                "2023-Q3 kz-2023-unrated@? 700 kWh unrated",
                "2023-Q4 kz-2023-meter@25 200 kWh 5000 KZT",
                "2023-Q4 kz-2023-unrated@? 800 kWh unrated",
                "2024-Q1 kz-2024-base@2 5900 kWh 11800 KZT",
                "2024-Q2 kz-2024-base@2 200 kWh 400 KZT",
                "2024-Q2 kz-2024-own-renewable@1 100 kWh 100 KZT",
                "2024-Q3 kz-2024-base@2 900 kWh 1800 KZT",
                "2025-Q4 kz-2024-base@2 1000 kWh 2000 KZT",
                "2026-Q1 kz-2026-base@2 1025 kWh 2050 KZT",
                "2026-Q1 kz-2026-no-licence@25 10 kWh 250 KZT",
                "2026-Q2 kz-2026-base@2 7 kWh 14 KZT",
            ],
            Rows(Aksu, "site", AllBooks));
    }

    [Fact]
    public void Tenants_ShareTheControlMetersEnergyDayByDay()
    {
        // 14th: 100 + 150 of 300, residual 50. 15th: 200 : 200 of 300, so 150 each. 16th: 90 + 120 of 300, residual 90.
        var quarter = new TotalsQuery { From = Day("2024-07-01"), To = Day("2024-10-01"), Group = TotalsGroup.Tenant };

        Assert.Equal(
            [
                "2024-Q3 acme kz-2024-base@2 340 kWh 680 KZT",
                "2024-Q3 bolt kz-2024-base@2 420 kWh 840 KZT",
                "2024-Q3 (residual) kz-2024-base@2 140 kWh 280 KZT",
            ],
            Rows(Aksu, quarter, AllBooks));
    }

    [Fact]
    public void PricesAgreedBackwards_RateAnOpenPeriodAnew()
    {
        Site corrected = Aksu with { ContractPrice = [Since("2022-01-01", 25m)] };
        var quarter = new TotalsQuery { From = Day("2023-04-01"), To = Day("2023-07-01") };

        Assert.Equal(["2023-Q2 kz-2023-price-24-and-above@1 4000 kWh 4000 KZT"], Rows(corrected, quarter, AllBooks));
    }

    [Fact]
    public void LateDataAndAChangedFact_AfterTheClose_AreTwoAmendedReturns()
    {
        var period = TaxPeriod.Parse("2026-Q1");
        Statement filed = Statement(Aksu, AllBooks, period) with { Closing = new("A. Person", Instant.From(new(2026, 4, 10, 4, 0, 0, TimeSpan.Zero))) };
        Assert.Equal(["kz-2026-base 1025 kWh 2050", "kz-2026-no-licence 10 kWh 250"], Filed(filed));
        Assert.Equal((Day("2026-05-15"), Day("2026-05-25")), (filed.Deadlines!.Declaration, filed.Deadlines.Payment));

        // 4.25 kWh of 15 February come in late: 14.25 × 25 = 356.25, filed as 356.
        DeviceDay[] late = [.. AllBooks.Where(day => day.Day != Day("2026-02-15")), Books("meter-2", "2026-02-15", 14.25m)];
        PostingDraft adjustment = Assert.Single(late.Select(day => PostingPlan.Bring(
            day, AllBooks.Single(book => book.Key == day.Key && book.Day == day.Day).Energy, (_, closed) => closed <= period, "late readings")).OfType<PostingDraft>());
        Assert.Equal((PostingKind.Adjustment, Day("2026-02-15"), Register(4.25m)), (adjustment.Kind, adjustment.Day, adjustment.Energy));
        Amendment first = Amendment.Between(filed, [], Statement(Aksu, late, period))!;
        Assert.Equal(["1 kz-2026-no-licence +4.25 kWh: 356 - 250 = 106 KZT"], Differences(first));

        // The licence turns out never to have lapsed: 1039.25 × 2 = 2078.5, a half goes up; the line at 25 falls to nothing.
        Site licensed = Aksu with { Licence = [Since("2023-04-01", "subtype-1")] };
        Amendment second = Amendment.Between(filed, [first], Statement(licensed, late, period))!;
        Assert.Equal(
            [
                "2 kz-2026-base +14.25 kWh: 2079 - 2050 = 29 KZT",
                "2 kz-2026-no-licence -14.25 kWh: nothing - 356 = -356 KZT",
            ],
            Differences(second));

        Assert.Null(Amendment.Between(filed, [first, second], Statement(licensed, late, period)));
        Assert.Equal(StatementJson.HashOf(filed), second.StatementHash);
        Assert.Equal(["kz-2026-base 1025 kWh 2050", "kz-2026-no-licence 10 kWh 250"], Filed(filed));
    }

    private static Statement Statement(Site site, DeviceDay[] books, TaxPeriod period) => StatementDraft.Make(new StatementInputs
    {
        Site = site, Period = period, Schedule = Law, Books = Billing.RollUp(books, Only(site)), Head = PostingHead.Genesis,
    });

    private static string[] Filed(Statement statement) =>
        [.. statement.Lines.Select(line => $"{line.Code} {line.Energy.Total} {Money.Text(line.Amount!.Value.Amount)}")];

    private static string[] Differences(Amendment amendment) =>
    [
        .. amendment.Lines.Select(line =>
            $"{amendment.Number} {line.Code} {(line.EnergyDifference.Total > Energy.Zero ? "+" : string.Empty)}{line.EnergyDifference.Total}: "
            + $"{(line.Now is { } now ? Money.Text(now.Amount) : "nothing")} - {Money.Text(line.Before!.Value.Amount)} = {line.Difference}"),
    ];
}
