using FleetMonitor.Fleet;
using FleetMonitor.Levy;
using Xunit;
using static FleetMonitor.Tests.Levy.LevyBooks;

namespace FleetMonitor.Tests.Levy;

/// <summary>Rates that follow from the period's average price of electricity.</summary>
public class AveragePriceTests
{
    // 30 KZT in January and February, 20 in March.
    private static readonly Site TwoPrices = StatedSite() with
    {
        ContractPrice = [Since("2023-01-01", 30m, to: "2023-03-01"), Since("2023-03-01", 20m)],
    };

    [Fact]
    public void Average_IsWeightedByEnergyAndNotByDays()
    {
        // By days it would be (59 × 30 + 31 × 20) / 90 = 26.6; by energy (100 × 30 + 150 × 20) / 250 = 24.
        Assert.Equal(
            ["2023-Q1 kz-2023-price-24-and-above@1 250 kWh 250 KZT"],
            Rows(TwoPrices, "site", Books("rig-1", "2023-01-10", 100m), Books("rig-1", "2023-03-10", 150m)));
    }

    [Fact]
    public void OneMoreCheapKwh_MakesTheWholePeriodUnrated()
    {
        Assert.Equal(
            ["2023-Q1 kz-2023-unrated@? 251 kWh unrated"],
            Rows(TwoPrices, "site", Books("rig-1", "2023-01-10", 100m), Books("rig-1", "2023-03-10", 151m)));
    }

    [Fact]
    public void PartOfAPeriod_IsRatedByTheWholePeriodsAverage()
    {
        var january = new TotalsQuery { From = Day("2023-01-01"), To = Day("2023-02-01") };

        Assert.Equal((Day("2023-01-01"), Day("2023-04-01")), (january.FeedFrom, january.FeedTo));
        Assert.Equal(
            ["2023-Q1 kz-2023-unrated@? 100 kWh unrated"],
            Rows(TwoPrices, january, Books("rig-1", "2023-01-10", 100m), Books("rig-1", "2023-03-10", 151m)));
    }

    [Fact]
    public void DayWithoutAPrice_LeavesThePeriodUnrated()
    {
        Site site = StatedSite() with { ContractPrice = [Since("2023-01-01", 30m, to: "2023-03-01")] };

        Assert.Equal(
            ["2023-Q1 kz-2023-unrated@? 101 kWh unrated"],
            Rows(site, "site", Books("rig-1", "2023-01-10", 100m), Books("rig-1", "2023-03-10", 1m)));
    }

    [Fact]
    public void OwnGeneration_IsNotBoughtAndStaysOutOfTheAverage()
    {
        Site site = StatedSite() with
        {
            EnergySource = [Since("2023-01-01", EnergySource.Own, to: "2023-02-01"), Since("2023-02-01", EnergySource.Grid)],
            ContractPrice = [Since("2023-02-01", 24m)],
        };

        Assert.Equal(
            ["2023-Q1 kz-2023-own@10 100 kWh 1000 KZT", "2023-Q1 kz-2023-price-24-and-above@1 50 kWh 50 KZT"],
            Rows(site, "site", Books("rig-1", "2023-01-10", 100m), Books("rig-1", "2023-02-10", 50m)));
    }

    [Theory]
    [InlineData("2023-03-31", true)]
    [InlineData("2023-04-01", false)]
    public void Rate_ByAverage_IsProvisionalUntilThePeriodIsOver(string today, bool provisional)
    {
        TotalsRow row = Assert.Single(LevyTotals.Compute(
            [Books("rig-1", "2023-01-10", 100m)], Only(TwoPrices), Law, new TotalsQuery { Today = Day(today) }));

        Assert.Equal(provisional, row.Provisional);
    }
}
