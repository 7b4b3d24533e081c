using FleetMonitor.Fleet;
using FleetMonitor.Levy;
using Xunit;
using static FleetMonitor.Tests.Levy.LevyBooks;

namespace FleetMonitor.Tests.Levy;

/// <summary>What the books hold, and what totals then say.</summary>
public class LevyTotalsTests
{
    [Fact]
    public void Totals_OfAPeriod_AreOneRowPerRate()
    {
        Assert.Equal(
            ["2026-Q4 kz-2026-base@2 350.5 kWh 701 KZT"],
            Rows(StatedSite(), "site", Books("rig-1", "2026-10-01", 100m), Books("rig-1", "2026-12-31", 200m), Books("rig-2", "2026-11-21", 50.5m)));
    }

    [Fact]
    public void Totals_AcrossPeriodsAndRates_AreSplitByBoth()
    {
        Assert.Equal(
            [
                "2025-Q4 kz-2024-base@2 10 kWh 20 KZT",
                "2026-Q1 kz-2026-base@2 20 kWh 40 KZT",
                "2026-Q1 kz-2026-no-licence@25 30 kWh 750 KZT",
            ],
            Rows(
                StatedSite() with { Licence = [Since("2020-01-01", "subtype-1", to: "2026-02-01"), Since("2026-02-01", "none")] },
                "site",
                Books("rig-1", "2025-12-31", 10m),
                Books("rig-1", "2026-01-31", 20m),
                Books("rig-1", "2026-02-01", 30m)));
    }

    [Fact]
    public void Range_OfDays_IsHalfOpen()
    {
        var query = new TotalsQuery { From = Day("2026-10-02"), To = Day("2026-10-04"), Group = TotalsGroup.Day };

        Assert.Equal(
            ["2026-Q4 2026-10-02 kz-2026-base@2 2 kWh 4 KZT", "2026-Q4 2026-10-03 kz-2026-base@2 3 kWh 6 KZT"],
            Rows(StatedSite(), query, Books("rig-1", "2026-10-01", 1m), Books("rig-1", "2026-10-02", 2m), Books("rig-1", "2026-10-03", 3m), Books("rig-1", "2026-10-04", 4m)));
    }

    [Fact]
    public void SiteNobodyListed_IsChargedTheBaseRateUnconfirmed()
    {
        IReadOnlyList<TotalsRow> rows = LevyTotals.Compute(
            [Books("rig-1", "2026-10-01", 1m)], _ => null, Law, new TotalsQuery());

        Assert.Equal(["2026-Q4 kz-2026-base@2 1 kWh 2 KZT unconfirmed: energySource, licence, meterStatus"], Lines(rows));
    }

    [Fact]
    public void Qualities_OfARow_SumToItsEnergy()
    {
        TotalsRow row = Assert.Single(LevyTotals.Compute(
            [
                new DeviceDay(new("aksu", "rig-1"), Day("2026-10-01"), Qualities(10m, 1m, 0.5m)),
                new DeviceDay(new("aksu", "rig-2"), Day("2026-10-01"), Qualities(20m, 2m, 0.25m)),
            ],
            Only(StatedSite()),
            Law,
            new TotalsQuery()));

        Assert.Equal(Qualities(30m, 3m, 0.75m), row.Energy);
        Assert.Equal(67.5m, row.Amount!.Value.Amount);
    }

    public class BilledByDevices
    {
        private static readonly Site Hosting = StatedSite().With(
            Rig("rig-1", "acme"), Rig("rig-2", "acme", fedBy: "pdu-1"), Rig("rig-3", "bolt"), Feeder("pdu-1"), ControlMeter("meter-1"));

        private static readonly DeviceDay[] OneDay =
        [
            Books("rig-1", "2026-10-01", 10m),
            Books("rig-2", "2026-10-01", 20m),
            Books("rig-3", "2026-10-01", 30m),
            Books("pdu-1", "2026-10-01", 21m),
            Books("meter-1", "2026-10-01", 99m),
            Books("stranger", "2026-10-01", 0.5m),
        ];

        [Fact]
        public void FedDevicesAndControlMeters_AreNotCountedTwice()
        {
            // rig-1 10 + rig-3 30 + pdu-1 21 + stranger 0.5
            Assert.Equal(["2026-Q4 kz-2026-base@2 61.5 kWh 123 KZT"], Rows(Hosting, "site", OneDay));
        }

        [Fact]
        public void Devices_AreTheBilledOnes()
        {
            Assert.Equal(
                [
                    "2026-Q4 pdu-1 kz-2026-base@2 21 kWh 42 KZT",
                    "2026-Q4 rig-1 kz-2026-base@2 10 kWh 20 KZT",
                    "2026-Q4 rig-3 kz-2026-base@2 30 kWh 60 KZT",
                    "2026-Q4 stranger kz-2026-base@2 0.5 kWh 1 KZT",
                ],
                Rows(Hosting, "device", OneDay));
        }

        [Fact]
        public void Tenants_AreThoseOfTheDay()
        {
            Site site = StatedSite().With(Rig("rig-1") with
            {
                Tenant = [Since("2026-10-01", "acme", to: "2026-10-03"), Since("2026-10-03", "bolt")],
            });

            Assert.Equal(
                [
                    "2026-Q4 kz-2026-base@2 1 kWh 2 KZT",
                    "2026-Q4 acme kz-2026-base@2 2 kWh 4 KZT",
                    "2026-Q4 bolt kz-2026-base@2 4 kWh 8 KZT",
                ],
                Rows(
                    site,
                    "tenant",
                    Books("stranger", "2026-10-02", 1m),
                    Books("rig-1", "2026-10-02", 2m),
                    Books("rig-1", "2026-10-03", 4m)));
        }
    }

    public class Rollup
    {
        [Theory]
        [InlineData("site", 11)]
        [InlineData("tenant", 12)]
        [InlineData("day", 13)]
        [InlineData("tenant,day", 14)]
        public void SiteDays_GiveTheSameRowsAsDeviceDays(string group, int seed)
        {
            var random = new Random(seed);
            foreach (BillingBasis basis in Enum.GetValues<BillingBasis>())
            {
                Site site = StatedSite().With(
                    [.. Enumerable.Range(0, 30).Select(i => Rig($"rig-{i}", (i % 4) switch { 0 => null, 1 => "acme", 2 => "bolt", _ => "core" })),
                    ControlMeter("meter-1")]) with
                { Basis = basis };
                var books = new List<DeviceDay>();
                for (int day = 0; day < 10; day++)
                {
                    foreach (string device in site.Devices.Keys)
                    {
                        long most = device == "meter-1" ? 3_000_000_000 : 200_000_000;
                        books.Add(new(new("aksu", device), Day("2025-12-25").AddDays(day), new(new(random.NextInt64(most)), new(random.NextInt64(most)), default)));
                    }
                }

                var query = new TotalsQuery { Group = Group(group) };
                string[] fromDevices = Lines(LevyTotals.Compute(books, Only(site), Law, query));
                string[] fromSiteDays = Lines(LevyTotals.Compute(Billing.RollUp(books, Only(site)), Only(site), Law, query));

                Assert.True(fromDevices.SequenceEqual(fromSiteDays), $"seed {seed}, basis {basis}");
            }
        }

        [Fact]
        public void SiteDays_CannotBeSplitByDevice() =>
            Assert.Throws<ArgumentException>(() => LevyTotals.Compute(
                Billing.RollUp([], _ => null), _ => null, Law, new TotalsQuery { Group = TotalsGroup.Device }));

        [Fact]
        public void Order_OfTheBooks_DoesNotMatter()
        {
            DeviceDay[] books =
            [
                Books("rig-2", "2026-01-02", 1m), Books("rig-1", "2026-01-02", 2m), Books("rig-1", "2025-12-31", 3m),
                Books("rig-9", "2026-01-02", 4m, site: "bestobe"), Books("rig-1", "2026-01-01", 5m),
            ];
            var query = new TotalsQuery { Group = TotalsGroup.Device | TotalsGroup.Day };

            Assert.Equal(
                Lines(LevyTotals.Compute(books, Only(StatedSite()), Law, query)),
                Lines(LevyTotals.Compute(books.Reverse(), Only(StatedSite()), Law, query)));
        }
    }

    [Theory]
    [InlineData("site,device,tenant,day,rate", TotalsGroup.Device | TotalsGroup.Tenant | TotalsGroup.Day)]
    [InlineData("rate, site", TotalsGroup.None)]
    [InlineData("", TotalsGroup.None)]
    [InlineData(null, TotalsGroup.None)]
    public void Groups_AreReadFromWords(string? text, TotalsGroup group)
    {
        Assert.True(TotalsGroups.TryParse(text, out TotalsGroup read, out _));
        Assert.Equal(group, read);
    }

    [Fact]
    public void Group_ThatIsNotKnown_IsNamed()
    {
        Assert.False(TotalsGroups.TryParse("site,rack", out _, out string? unknown));
        Assert.Equal("rack", unknown);
    }
}
