using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using Xunit;

namespace FleetMonitor.Tests.Anomalies;

public class PhaseImbalanceTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void Pdu_LosingAPhase_IsRaisedWithTheValuesAndClearsWhenItIsBack()
    {
        WatchedRig pdu = Pdu((4000, 4100, 3900)).Runs(6 * Hour);
        pdu.Phases = (4000, 4100, 0);
        Anomaly anomaly = Assert.Single(pdu.Runs(30 * Minute).Raised(AnomalyKind.PhaseImbalance));
        Assert.StartsWith("Phase C carries ", anomaly.Text, StringComparison.Ordinal);
        Assert.Equal("phase-imbalance", anomaly.Kind.Code());
        Assert.Equal(AnomalySeverity.Warning, anomaly.Severity);
        Assert.InRange(Evidence(anomaly, "share"), 0m, 0.01m);
        Assert.InRange(Evidence(anomaly, "usual_share"), 0.32m, 0.33m);
        Assert.InRange(Evidence(anomaly, "phase_a_w"), 3900m, 4100m);

        pdu.Phases = (4000, 4100, 3900);
        Assert.Single(pdu.Runs(30 * Minute).Cleared(AnomalyKind.PhaseImbalance));
        Assert.Equal(2, pdu.Changes.Count);
    }

    /// <summary>Clamps on three circuits that have nothing to do with each other are uneven from the first day on.</summary>
    [Fact]
    public void Pdu_AsUnevenAsEver_RaisesNothing() => Assert.Empty(Pdu((5000, 3000, 0)).Runs(24 * Hour).Changes);

    [Theory]
    [InlineData(3700, false)]
    [InlineData(3000, true)]
    public void Phase_ThatCarriesLess_IsRaisedFromSomeSizeOn(double watts, bool raised)
    {
        // Of 11,700 W 3,700 are 31.6 %, which is 5 % less than a third; of 11,000 W 3,000 are 27.3 %, which is 18 % less.
        WatchedRig pdu = Pdu((4000, 4000, 4000)).Runs(6 * Hour);
        pdu.Phases = (4000, 4000, watts);
        Assert.Equal(raised, pdu.Runs(Hour).Raised(AnomalyKind.PhaseImbalance).Any());
    }

    /// <summary>The heaviest phase losing load makes the three more even, and is a fault all the same.</summary>
    [Fact]
    public void Phase_ThatCarriedMore_AndLosesIt_IsRaised()
    {
        WatchedRig pdu = Pdu((6000, 4000, 4000)).Runs(6 * Hour);
        pdu.Phases = (4000, 4000, 4000);
        Assert.StartsWith("Phase A carries ", Assert.Single(pdu.Runs(Hour).Raised(AnomalyKind.PhaseImbalance)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Pdu_AlmostWithoutLoad_RaisesNothing()
    {
        WatchedRig pdu = Pdu((4000, 4000, 4000)).Runs(6 * Hour);
        (pdu.Watts, pdu.Phases) = (300, (200, 50, 50));
        Assert.Empty(pdu.Runs(2 * Hour).Raised(AnomalyKind.PhaseImbalance));
    }

    [Fact]
    public void Pdu_InACurtailmentWindow_RaisesNothing()
    {
        WatchedRig pdu = Pdu((4000, 4000, 4000)).Runs(6 * Hour);
        pdu.Context = pdu.Context with { Curtailments = [new CurtailmentWindow(pdu.Now, pdu.Now.Plus(2 * Hour))] };
        pdu.Phases = (4000, 4000, 0);
        Assert.Empty(pdu.Runs(2 * Hour).Changes);
    }

    [Fact]
    public void Pdu_AfterARestart_StillKnowsAndDoesNotRaiseAgain()
    {
        WatchedRig pdu = Pdu((4000, 4000, 4000)).Runs(6 * Hour);
        pdu.Phases = (4000, 4000, 0);
        Assert.Single(pdu.Runs(30 * Minute).Raised(AnomalyKind.PhaseImbalance));
        pdu.Restart();
        Assert.Single(pdu.Runs(2 * Hour).Raised(AnomalyKind.PhaseImbalance));
        pdu.Phases = (4000, 4000, 4000);
        Assert.Single(pdu.Runs(30 * Minute).Cleared(AnomalyKind.PhaseImbalance));
    }

    private static WatchedRig Pdu((double, double, double) phases)
    {
        var pdu = new WatchedRig { Watts = 12_000, Terahashes = null, Phases = phases };
        pdu.Device = pdu.Device with { Facts = pdu.Device.Facts with { Role = DeviceRole.Feeder, NameplatePower = null } };
        return pdu;
    }

    private static decimal Evidence(Anomaly anomaly, string name) => Assert.Single(anomaly.Evidence, item => item.Name == name).Number!.Value;
}
