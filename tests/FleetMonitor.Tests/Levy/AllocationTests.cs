using FleetMonitor.Fleet;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using Xunit;
using static FleetMonitor.Tests.Levy.LevyBooks;

namespace FleetMonitor.Tests.Levy;

/// <summary>What devices and tenants get of what the control meter counted (S12).</summary>
public class AllocationTests
{
    private static readonly Site Hosting = StatedSite().With(
        Rig("rig-1", "acme"), Rig("rig-2", "bolt"), Rig("rig-3", "bolt"), ControlMeter("meter-1"), ControlMeter("meter-2")) with
    {
        Basis = BillingBasis.ControlMeter,
    };

    [Fact]
    public void Site_IsChargedWhatItsControlMetersCounted()
    {
        Assert.Equal(
            ["2026-Q4 kz-2026-base@2 110 kWh 220 KZT"],
            Rows(Hosting, "site", Books("meter-1", "2026-10-01", 100m), Books("meter-2", "2026-10-01", 10m), Books("rig-1", "2026-10-01", 50m)));
    }

    [Fact]
    public void DevicesThatMeteredLess_GetWhatTheyMeteredAndTheRestIsTheResidual()
    {
        DeviceDay[] books =
        [
            Books("meter-1", "2026-10-01", 100m),
            Books("rig-1", "2026-10-01", 20m),
            Books("rig-2", "2026-10-01", 30m),
            Books("rig-3", "2026-10-01", 40m),
        ];

        Assert.Equal(
            [
                "2026-Q4 rig-1 kz-2026-base@2 20 kWh 40 KZT",
                "2026-Q4 rig-2 kz-2026-base@2 30 kWh 60 KZT",
                "2026-Q4 rig-3 kz-2026-base@2 40 kWh 80 KZT",
                "2026-Q4 (residual) kz-2026-base@2 10 kWh 20 KZT",
            ],
            Rows(Hosting, "device", books));
        Assert.Equal(
            [
                "2026-Q4 acme kz-2026-base@2 20 kWh 40 KZT",
                "2026-Q4 bolt kz-2026-base@2 70 kWh 140 KZT",
                "2026-Q4 (residual) kz-2026-base@2 10 kWh 20 KZT",
            ],
            Rows(Hosting, "tenant", books));
    }

    [Fact]
    public void DevicesThatMeteredMore_AreScaledToTheControlMeter()
    {
        // 40 kWh over shares of 20 : 30 : 30 of 80.
        Assert.Equal(
            [
                "2026-Q4 rig-1 kz-2026-base@2 10 kWh 20 KZT",
                "2026-Q4 rig-2 kz-2026-base@2 15 kWh 30 KZT",
                "2026-Q4 rig-3 kz-2026-base@2 15 kWh 30 KZT",
                "2026-Q4 (residual) kz-2026-base@2 0 kWh 0 KZT",
            ],
            Rows(
                Hosting,
                "device",
                Books("meter-1", "2026-10-01", 40m),
                Books("rig-1", "2026-10-01", 20m),
                Books("rig-2", "2026-10-01", 30m),
                Books("rig-3", "2026-10-01", 30m)));
    }

    [Fact]
    public void Scaling_DayByDay_LeavesEachDaysResidualOnItsDay()
    {
        Assert.Equal(
            [
                "2026-Q4 2026-10-01 rig-1 kz-2026-base@2 10 kWh 20 KZT",
                "2026-Q4 2026-10-01 (residual) kz-2026-base@2 5 kWh 10 KZT",
                "2026-Q4 2026-10-02 rig-1 kz-2026-base@2 8 kWh 16 KZT",
                "2026-Q4 2026-10-02 (residual) kz-2026-base@2 0 kWh 0 KZT",
            ],
            Rows(
                Hosting,
                "device,day",
                Books("meter-1", "2026-10-01", 15m),
                Books("rig-1", "2026-10-01", 10m),
                Books("meter-1", "2026-10-02", 8m),
                Books("rig-1", "2026-10-02", 16m)));
    }

    [Fact]
    public void Remainder_OfAnUnevenSplit_GoesToTheNextInOrder()
    {
        // 10 µWh over three equal shares: 3, 6 and 10 in all, so 3, 3 and 4.
        DeviceDay[] books =
        [
            Micro("meter-1", register: 10),
            Micro("rig-1", register: 7),
            Micro("rig-2", register: 7),
            Micro("rig-3", register: 7),
        ];

        Assert.Equal([3L, 3L, 4L, 0L], Compute(books).Select(row => row.Energy.Total.MicrowattHours));
    }

    [Fact]
    public void Qualities_OfTheControlMeter_AreSplitSoThatEachSumsToTheWhole()
    {
        // Register 7, integrated 2, estimated 1 over metered shares of 5 and 3, residual 2:
        // register up to 5, 8, 10 of 10: 3, 5, 7; what is left: 2, 3, 3, of which two thirds are integrated: 1, 2, 2.
        DeviceDay[] books =
        [
            new(new("aksu", "meter-1"), Day("2026-10-01"), new(new(7), new(2), new(1))),
            Micro("rig-1", register: 5),
            Micro("rig-2", register: 3),
        ];

        Assert.Equal(
            [(3L, 1L, 1L), (2L, 1L, 0L), (2L, 0L, 0L)],
            Compute(books).Select(row => (
                row.Energy.Register.MicrowattHours, row.Energy.Integrated.MicrowattHours, row.Energy.Estimated.MicrowattHours)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Pieces_OfAnySplit_AreTheWholeAndNeverNegative(int seed)
    {
        var random = new Random(seed);
        for (int round = 0; round < 200; round++)
        {
            var control = new EnergyByQuality(new(random.NextInt64(1_000_000_000_000)), new(random.NextInt64(1_000_000)), new(random.NextInt64(5)));
            var books = new List<DeviceDay> { new(new("aksu", "meter-1"), Day("2026-10-01"), control) };
            for (int rig = 0; rig < 20; rig++)
            {
                books.Add(Micro($"rig-{rig}", random.NextInt64(100_000_000_000)));
            }

            IReadOnlyList<TotalsRow> byDevice = Compute([.. books.OrderBy(_ => random.Next())]);

            EnergyByQuality sum = default;
            foreach (TotalsRow row in byDevice)
            {
                Assert.True(
                    row.Energy.Register.MicrowattHours >= 0 && row.Energy.Integrated.MicrowattHours >= 0
                    && row.Energy.Estimated.MicrowattHours >= 0,
                    $"seed {seed}, round {round}: {row.Device} got {row.Energy}");
                sum += row.Energy;
            }

            Assert.True(control == sum, $"seed {seed}, round {round}: the pieces make {sum}, not {control}");
        }
    }

    private static IReadOnlyList<TotalsRow> Compute(DeviceDay[] books) =>
        LevyTotals.Compute(books, Only(Hosting), Law, new TotalsQuery { Group = TotalsGroup.Device });

    private static DeviceDay Micro(string device, long register) =>
        new(new("aksu", device), Day("2026-10-01"), new(new(register), default, default));
}
