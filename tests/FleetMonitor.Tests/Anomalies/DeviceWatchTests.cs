using FleetMonitor.Anomalies;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry;
using Xunit;

namespace FleetMonitor.Tests.Anomalies;

public class DeviceWatchTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Rig_TwoDaysOfNormalNoise_RaisesNothing(int seed) =>
        Assert.Empty(new WatchedRig(seed) { Noise = 0.05 }.Runs(48 * Hour).Changes);

    [Fact]
    public void Rig_SilentForFiveMinutes_IsOfflineSinceThen()
    {
        WatchedRig rig = new WatchedRig().Runs(2 * Hour);
        Instant last = rig.Now;
        Anomaly anomaly = Assert.Single(rig.IsSilent(10 * Minute).Raised(AnomalyKind.Offline));
        Assert.Equal(last.Plus(5 * Minute), anomaly.Raised);
        Assert.Equal(AnomalySeverity.Warning, anomaly.Severity);
        Assert.InRange(anomaly.KwhPerDay, 76m, 80m);
        Assert.Equal(anomaly.KwhPerDay * 2m, anomaly.LevyPerDay);
        Assert.Contains("Before that it drew 32", anomaly.Text, StringComparison.Ordinal);
        Assert.Empty(rig.Cleared(AnomalyKind.Offline));
    }

    [Fact]
    public void Rig_BackForAMinute_ClearsOffline()
    {
        WatchedRig rig = new WatchedRig().Runs(2 * Hour).IsSilent(10 * Minute);
        Instant back = rig.Now;
        rig.Runs(2 * Minute);
        Anomaly cleared = Assert.Single(rig.Cleared(AnomalyKind.Offline));
        Assert.InRange(cleared.Cleared!.Value - back, Minute, 2 * Minute);
        Assert.Equal(Assert.Single(rig.Raised(AnomalyKind.Offline)).Id, cleared.Id);
    }

    [Fact]
    public void Rig_Silent_ShowsAsStaleSoon_AndIsOneAlert()
    {
        WatchedRig rig = new WatchedRig().Runs(2 * Hour).IsSilent(3 * Minute);
        Assert.Equal(DeviceState.Stale, rig.State);
        rig.IsSilent(3 * Minute);
        Assert.Equal(AnomalyKind.Offline, Assert.Single(rig.Changes).Anomaly.Kind);
    }

    [Fact]
    public void Rig_TellingOldValues_IsStaleNotOffline()
    {
        WatchedRig rig = new WatchedRig().Runs(2 * Hour);
        Instant stopped = rig.Now;
        for (int i = 0; i < 60; i++)
        {
            rig.Now = rig.Now.Plus(rig.Interval);
            rig.Send(stopped, rig.Now);
            rig.Watch.Tick(rig.Now, rig.Device, rig.Context, rig.Changes);
        }

        Assert.Contains("what they say is old", Assert.Single(rig.Raised(AnomalyKind.Stale)).Text, StringComparison.Ordinal);
        Assert.Empty(rig.Raised(AnomalyKind.Offline));
    }

    [Fact]
    public void Rig_LastWillForAMinute_IsOffline()
    {
        WatchedRig rig = new WatchedRig().Runs(2 * Hour);
        rig.Watch.Presence(online: false, rig.Now, rig.Device, rig.Context, rig.Changes);
        Assert.Empty(rig.Changes);
        rig.IsSilent(Minute);
        Assert.Equal(1, Assert.Single(rig.Raised(AnomalyKind.Offline)).Score);
    }

    /// <summary>Silence just after a start is a guess; what the broker says is a fact.</summary>
    [Fact]
    public void Rig_LastWillWhileAllIsWarmingUp_IsOfflineAllTheSame()
    {
        WatchedRig rig = new WatchedRig().Runs(Minute);
        rig.Restart();
        rig.Watch.Presence(online: false, rig.Now, rig.Device, rig.Context, rig.Changes);
        Assert.Empty(rig.IsSilent(Minute - TimeSpan.FromSeconds(10)).Changes);
        Assert.Single(rig.IsSilent(TimeSpan.FromSeconds(10)).Raised(AnomalyKind.Offline));
    }

    [Fact]
    public void Rig_LastWillInACurtailmentWindow_RaisesNothing()
    {
        WatchedRig rig = new WatchedRig().Runs(2 * Hour);
        rig.Context = rig.Context with { Curtailments = [new CurtailmentWindow(rig.Now, rig.Now.Plus(Hour))] };
        rig.Watch.Presence(online: false, rig.Now, rig.Device, rig.Context, rig.Changes);
        Assert.Empty(rig.IsSilent(50 * Minute).Changes);
    }

    [Fact]
    public void Rig_SilentInItsFirstMinutes_RaisesNothingYet()
    {
        WatchedRig rig = new WatchedRig().Runs(Minute).IsSilent(8 * Minute);
        Assert.Empty(rig.Changes);
        Assert.Single(rig.IsSilent(2 * Minute).Raised(AnomalyKind.Offline));
    }

    [Fact]
    public void Service_JustStarted_RaisesNothingUntilWarm()
    {
        WatchedRig rig = new WatchedRig().Runs(2 * Hour);
        rig.Now = rig.Now.Plus(Hour);
        rig.Restart();
        Assert.Empty(rig.IsSilent(9 * Minute).Changes);
        Assert.Single(rig.IsSilent(2 * Minute).Raised(AnomalyKind.Offline));
    }

    [Fact]
    public void Rig_OfflineOverARestart_IsNotRaisedAgain()
    {
        WatchedRig rig = new WatchedRig().Runs(2 * Hour).IsSilent(10 * Minute);
        rig.Restart();
        rig.IsSilent(Hour);
        Assert.Single(rig.Raised(AnomalyKind.Offline));
        Assert.Single(rig.Runs(20 * Minute).Cleared(AnomalyKind.Offline));
    }

    [Fact]
    public void Rig_HashingNothingAtFullPower_IsRaisedAfterTenMinutesAndClears()
    {
        WatchedRig rig = new WatchedRig().Runs(2 * Hour);
        Instant since = rig.Now;
        rig.Terahashes = 0;
        Anomaly anomaly = Assert.Single(rig.Runs(11 * Minute).Raised(AnomalyKind.PowerWithoutHash));
        Assert.InRange(anomaly.Raised - since, 10 * Minute, 11 * Minute);
        Assert.InRange(anomaly.KwhPerDay, 75m, 80m);
        rig.Terahashes = 110;
        Assert.Single(rig.Runs(3 * Minute).Cleared(AnomalyKind.PowerWithoutHash));
        Assert.Empty(rig.Of(AnomalyKind.HashBelowBaseline));
    }

    [Fact]
    public void Rig_RebootingForFiveMinutes_RaisesNothing()
    {
        WatchedRig rig = new WatchedRig().Runs(3 * Hour);
        rig.Terahashes = 0;
        rig.Watts = 900;
        rig.Runs(5 * Minute);
        rig.Terahashes = 110;
        rig.Watts = 3250;
        Assert.Empty(rig.Runs(Hour).Changes);
    }

    [Theory]
    [InlineData(110)]
    [InlineData(140)]
    public void Rig_AtHalfItsOwnHashRate_IsRaisedWithItsBaseline(double usual)
    {
        WatchedRig rig = new WatchedRig { Terahashes = usual }.Runs(4 * Hour);
        rig.Terahashes = usual / 2;
        Anomaly anomaly = Assert.Single(rig.Runs(25 * Minute).Raised(AnomalyKind.HashBelowBaseline));
        Assert.InRange(anomaly.Evidence.Single(item => item.Name == "baseline_ths").Number!.Value, (decimal)usual - 1, (decimal)usual + 1);
        Assert.InRange(anomaly.Score, 0.9, 1);
        rig.Terahashes = usual;
        Assert.Single(rig.Runs(30 * Minute).Cleared(AnomalyKind.HashBelowBaseline));
    }

    [Fact]
    public void Rig_LowHashRateForTenMinutes_RaisesNothing()
    {
        WatchedRig rig = new WatchedRig().Runs(4 * Hour);
        rig.Terahashes = 60;
        rig.Runs(10 * Minute);
        rig.Terahashes = 110;
        Assert.Empty(rig.Runs(2 * Hour).Changes);
    }

    [Fact]
    public void Rig_LowHashRateWhileCurtailed_RaisesNothing()
    {
        WatchedRig rig = new WatchedRig().Runs(4 * Hour);
        rig.Context = rig.Context with { Curtailments = [new CurtailmentWindow(rig.Now, rig.Now.Plus(2 * Hour))] };
        rig.Terahashes = 50;
        rig.Watts = 1500;
        rig.Runs(2 * Hour);
        rig.Terahashes = 110;
        rig.Watts = 3250;
        Assert.Empty(rig.Runs(2 * Hour).Changes);
    }

    [Fact]
    public void Rig_LateReadings_ChangeNoVerdict()
    {
        WatchedRig rig = new WatchedRig().Runs(4 * Hour);
        rig.Terahashes = 0;
        for (int i = 1; i < 200; i++)
        {
            rig.Send(rig.Now.Minus(i * rig.Interval), rig.Now);
        }

        rig.Terahashes = 110;
        Assert.Empty(rig.Runs(Hour).Changes);
    }

    [Theory]
    [InlineData(MeterEventKind.RegisterReset, AnomalyKind.CounterReset)]
    [InlineData(MeterEventKind.RegisterReplaced, AnomalyKind.CounterReset)]
    [InlineData(MeterEventKind.RegisterNoise, AnomalyKind.CounterRollback)]
    [InlineData(MeterEventKind.RegisterImplausible, AnomalyKind.CounterJump)]
    public void Register_Event_IsRaisedOnceAndClearsAfterAnHour(MeterEventKind noticed, AnomalyKind kind)
    {
        WatchedRig rig = new WatchedRig().Runs(Hour);
        MeterEvent fell = new(rig.Now, noticed, Energy.FromWattHours(123_456), Energy.FromWattHours(12));
        rig.Watch.Observe(fell, rig.Device, rig.Context, rig.Changes);
        rig.Watch.Observe(fell with { At = rig.Now.Plus(Minute) }, rig.Device, rig.Context, rig.Changes);
        rig.Runs(Hour);
        Anomaly raised = Assert.Single(rig.Raised(kind));
        Assert.Contains("123.456", raised.Text, StringComparison.Ordinal);
        Assert.Single(rig.Runs(5 * Minute).Cleared(kind));
    }

    [Fact]
    public void Register_Rollover_IsNoAlert()
    {
        WatchedRig rig = new WatchedRig().Runs(Hour);
        rig.Watch.Observe(new MeterEvent(rig.Now, MeterEventKind.RegisterRollover), rig.Device, rig.Context, rig.Changes);
        Assert.Empty(rig.Changes);
    }

    [Fact]
    public void Device_NotListed_IsRaisedAtOnceAndClearsWhenListed()
    {
        WatchedRig rig = new();
        rig.Device = rig.Device with { Facts = rig.Device.Facts with { Registered = false } };
        Anomaly raised = Assert.Single(rig.Runs(Hour).Raised(AnomalyKind.UnregisteredDevice));
        Assert.Equal(AnomalySeverity.Warning, raised.Severity);
        Assert.True(raised.KwhPerDay > 0, "what it draws stands in the alert from the first reading on");
        rig.Device = rig.Device with { Facts = rig.Device.Facts with { Registered = true } };
        rig.Watch.Tick(rig.Now, rig.Device, rig.Context, rig.Changes);
        Assert.Single(rig.Cleared(AnomalyKind.UnregisteredDevice));
    }

    [Fact]
    public void Watch_SameInputAgain_GivesTheSameChanges()
    {
        static IEnumerable<string> Ids()
        {
            WatchedRig rig = new WatchedRig(7).Runs(4 * Hour);
            rig.Terahashes = 30;
            rig.Runs(Hour).IsSilent(Hour);
            return rig.Changes.Select(change => $"{change.Type} {change.Anomaly.Id} {change.Anomaly.Text}");
        }

        Assert.Equal(Ids(), Ids());
        Assert.Equal(2, Ids().Distinct().Count(text => text.StartsWith("Raised", StringComparison.Ordinal)));
    }

    [Fact]
    public void Watch_SteadyReadings_AllocateNothing()
    {
        WatchedRig rig = new WatchedRig().Runs(Hour);
        Reading reading = new(rig.Now, ReadingFields.Power | ReadingFields.HashRate,
            Power.FromWatts(3250), default, HashRate.FromTerahashes(110));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 1; i <= 100; i++)
        {
            rig.Watch.Observe(reading with { At = rig.Now.Plus(i * rig.Interval) }, rig.Now, rig.Device, rig.Context, rig.Changes);
            rig.Watch.Tick(rig.Now, rig.Device, rig.Context, rig.Changes);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
