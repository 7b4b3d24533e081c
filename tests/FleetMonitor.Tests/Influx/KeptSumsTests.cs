using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Metering;
using FleetMonitor.Service.Influx;
using Xunit;

namespace FleetMonitor.Tests.Influx;

public sealed class KeptSumsTests
{
    private static readonly Instant First = new(1_795_255_200_000);

    private static readonly WindowShare Share = new(Billed: true, Power: 3_000_000, null, Energy: 50_000_000, 0, null, Readings: 6);

    [Fact]
    public void Windows_OfWhichNothingWasLetGo_AreTheSumsOfTheirDevices()
    {
        var sums = new KeptSums();
        sums.Add(stand: null);
        sums.Add(First, Share);
        sums.Add(stand: null);
        sums.Add(First, Share);

        (Instant window, SiteSums sum) = Assert.Single(sums.Whole);
        Assert.Equal((First, 6_000_000L, 100_000_000L, 12L), (window, sum.Power!.Value, sum.Energy!.Value, sum.Readings));
    }

    /// <summary>Summed again, a window from before would lack what the device had in it, and the store's point would be made wrong.</summary>
    [Fact]
    public void Windows_FromBeforeWhatWasLetGoOfOneDevice_AreNotSummedAgain()
    {
        Instant second = First.Plus(TimeSpan.FromMinutes(1));
        Instant third = First.Plus(TimeSpan.FromMinutes(2));
        var sums = new KeptSums();
        sums.Add(new HoursStand(DateOnly.MinValue, new MeterRun { Window = new DeviceWindow { Start = second, Readings = 2 } }));
        sums.Add(second, Share);
        sums.Add(stand: null);
        sums.Add(First, Share);
        sums.Add(second, Share);
        sums.Add(third, Share);

        Assert.Equal([second, third], sums.Whole.Select(sum => sum.Key));
    }
}
