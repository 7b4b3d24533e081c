using FleetMonitor.Anomalies;
using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Fleet.Units;
using Xunit;

namespace FleetMonitor.Tests.Anomalies;

public class MeterBalanceTests
{
    private readonly List<AnomalyChange> _changes = [];
    private readonly Random _random = new(1);
    private MeterBalance _balance = new("site", new StakeLevels());
    private int _hour;

    [Fact]
    public void Meter_WithItsUsualLosses_RaisesNothing()
    {
        Hours(24 * 30, unexplained: 0.04);
        Assert.Empty(_changes);
    }

    [Theory]
    [InlineData(0.08)]
    [InlineData(0.0)]
    public void Meter_LossesOffByFourPercent_IsRaisedInTwoHoursAndClears(double unexplained)
    {
        Hours(72, 0.04);
        Hours(2, unexplained);
        Anomaly anomaly = Assert.Single(_changes).Anomaly;
        Assert.Equal(AnomalyKind.MeterMismatch, anomaly.Kind);
        Assert.InRange(anomaly.KwhPerDay, 800m, 1120m);
        Hours(2, 0.04);
        Assert.Equal([AnomalyChangeType.Raised, AnomalyChangeType.Cleared], _changes.Select(change => change.Type));
    }

    [Theory]
    [InlineData(100, AnomalySeverity.Critical)]
    [InlineData(100_000, AnomalySeverity.Warning)]
    public void Meter_Mismatch_IsGradedByTheLevelsThatAreSet(int critical, AnomalySeverity severity)
    {
        _balance = new MeterBalance("site", new StakeLevels { CriticalLevyPerDay = critical });
        Hours(72, 0.04);
        Hours(2, 0.10);
        Assert.Equal(severity, Assert.Single(_changes).Anomaly.Severity);
    }

    [Fact]
    public void Meter_AfterRestart_IsNotRaisedAgain()
    {
        Hours(72, 0.04);
        Hours(5, 0.1);
        byte[] kept = new byte[MeterBalance.SerializedSize];
        _balance.WriteTo(kept);
        _balance = new MeterBalance("site", new StakeLevels());
        Assert.True(_balance.TryRead(kept));
        Hours(5, 0.1);
        Assert.Single(_changes);
    }

    // A site of 1 MW: 1,000 kWh an hour.
    private void Hours(int hours, double unexplained)
    {
        for (int i = 0; i < hours; i++)
        {
            double noise = (_random.NextDouble() - 0.5) * 0.004;
            Energy meters = Energy.FromWattHours(1_000_000);
            Energy devices = Energy.FromWattHours((decimal)(1_000_000 * (1 - unexplained + noise)));
            _balance.Observe(
                WatchedRig.Start.Plus(TimeSpan.FromHours(++_hour)), meters, devices, TimeSpan.FromHours(1), 2m, _changes);
        }
    }
}
