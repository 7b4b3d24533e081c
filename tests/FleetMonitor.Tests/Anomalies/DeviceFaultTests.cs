using FleetMonitor.Anomalies;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using Xunit;

namespace FleetMonitor.Tests.Anomalies;

public class DeviceFaultTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(2, 2350)]
    [InlineData(1, 1450)]
    public void Rig_AtThirdsOfHashAndPower_HasDeadBoardsAndNothingElse(int boards, double watts)
    {
        WatchedRig rig = new WatchedRig().Runs(6 * Hour);
        (rig.Terahashes, rig.Watts) = (110.0 * boards / 3, watts);
        rig.Runs(3 * Hour);
        Assert.Contains($"{3 - boards} of 3 hash boards", Assert.Single(rig.Raised(AnomalyKind.DeadHashBoard)).Text, StringComparison.Ordinal);
        Assert.Single(rig.Changes);
    }

    [Fact]
    public void Rig_HotAndSlower_IsThrottlingAndNothingElse()
    {
        WatchedRig rig = new WatchedRig { Celsius = 68 }.Runs(6 * Hour);
        (rig.Terahashes, rig.Watts, rig.Celsius) = (92, 2750, 81);
        rig.Runs(2 * Hour);
        Assert.Single(rig.Raised(AnomalyKind.ThermalThrottling));
        Assert.Single(rig.Changes);
        (rig.Terahashes, rig.Watts, rig.Celsius) = (110, 3250, 68);
        Assert.Single(rig.Runs(Hour).Cleared(AnomalyKind.ThermalThrottling));
    }

    [Fact]
    public void Rig_WarmerOnAHotDayAtFullHashRate_RaisesNothing()
    {
        WatchedRig rig = new WatchedRig { Celsius = 68 }.Runs(6 * Hour);
        rig.Celsius = 77;
        Assert.Empty(rig.Runs(6 * Hour).Changes);
    }

    /// <summary>A register that went back 20 kWh is below its highest for hours: that is one device, and one that went back.</summary>
    [Fact]
    public void Register_ThatWentBackAndClimbsAgain_IsNotTwoDevices()
    {
        WatchedRig rig = new WatchedRig().Runs(Hour);
        for (int minute = 0; minute < 60; minute++)
        {
            rig.Runs(Minute).Notices(MeterEventKind.RegisterNoise, 1000, 980 + (minute * 0.05));
        }

        Assert.Single(rig.Raised(AnomalyKind.CounterRollback));
        Assert.Empty(rig.Of(AnomalyKind.DuplicateIdentity));
    }

    /// <summary>Metered again, a device's events are told again, all of them: they happened once.</summary>
    [Fact]
    public void Register_MeteredAgain_IsSeenAsOftenAsItHappened()
    {
        WatchedRig rig = new WatchedRig().Runs(Hour);
        MeterEvent[] resets = [.. Enumerable.Range(1, 2).Select(i => new MeterEvent(rig.Now.Plus(i * 20 * Minute), MeterEventKind.RegisterReset))];
        rig.Runs(45 * Minute);
        for (int again = 0; again < 5; again++)
        {
            foreach (MeterEvent reset in resets)
            {
                rig.Watch.Observe(reset, rig.Device, rig.Context, rig.Changes);
            }
        }

        Assert.Single(rig.Raised(AnomalyKind.CounterReset));
        Assert.Contains(
            "Seen 2 times", Assert.Single(rig.Of(AnomalyKind.CounterReset), change => change.Type == AnomalyChangeType.Updated).Anomaly.Text, StringComparison.Ordinal);
        Assert.Equal(2, rig.Changes.Count);

        rig.Runs(2 * Hour);
        rig.Watch.Observe(resets[1], rig.Device, rig.Context, rig.Changes);
        Assert.Single(rig.Raised(AnomalyKind.CounterReset));
    }

    /// <summary>The figures are those of what the sentence is about, or left out.</summary>
    [Fact]
    public void Register_ThatWentBackAndThenJumped_SaysOfEachWhatItDid()
    {
        WatchedRig rig = new WatchedRig().Runs(Hour);
        rig.Notices(MeterEventKind.RegisterNoise, 1000, 991.893);
        rig.Runs(Minute).Notices(MeterEventKind.RegisterNoise, 1000, 991.9);
        rig.Runs(Minute).Notices(MeterEventKind.RegisterImplausible, 1000, 5000);
        rig.Runs(2 * Hour);
        string back = Assert.Single(rig.Cleared(AnomalyKind.CounterRollback)).Text;
        string jumped = Assert.Single(rig.Cleared(AnomalyKind.CounterJump)).Text;
        Assert.Contains("The energy register went back a little: from 1000 to 991.893 kWh.", rig.Raised(AnomalyKind.CounterRollback).Single().Text, StringComparison.Ordinal);
        Assert.Contains("Over after 61 min. Last seen at", back, StringComparison.Ordinal);
        Assert.Contains("The energy register jumped: from 1000 to 5000 kWh.", rig.Raised(AnomalyKind.CounterJump).Single().Text, StringComparison.Ordinal);
        Assert.DoesNotContain("times", back + jumped, StringComparison.Ordinal);
    }

    [Fact]
    public void Registers_OfTwoDevices_OneAlwaysALittleBehind_AreTwoDevices()
    {
        WatchedRig rig = new WatchedRig().Runs(Hour);
        for (int minute = 0; minute < 10; minute++)
        {
            rig.Runs(Minute).Notices(MeterEventKind.RegisterNoise, 1000 + (minute * 0.05), 980 + (minute * 0.05));
        }

        Assert.Single(rig.Raised(AnomalyKind.DuplicateIdentity));
        Anomaly sign = Assert.Single(rig.Cleared(AnomalyKind.CounterRollback));
        Assert.Equal("Over after 3 min: it is a sign of two devices under one name, which is told instead.", sign.Text);
    }

    /// <summary>One that repeats a time contradicts itself, and one whose clock is an hour slow contradicts what it said an hour ago.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    public void Readings_ThatContradictThePast_AreNotTwoDevices(int minutesAgo)
    {
        WatchedRig rig = new WatchedRig().Runs(2 * Hour);
        Instant same = rig.Now;
        for (int minute = 0; minute < 30; minute++)
        {
            rig.Runs(Minute);
            rig.Watch.Observe(
                new MeterEvent(minutesAgo == 0 ? same : rig.Now.Minus(minutesAgo * Minute), MeterEventKind.Conflict), rig.Device, rig.Context, rig.Changes);
        }

        Assert.Empty(rig.Changes);
    }

    [Fact]
    public void Rig_NeedingATenthMoreEnergyPerHash_Drifts()
    {
        WatchedRig rig = new WatchedRig().Runs(24 * Hour);
        rig.Watts = 3575;
        rig.Device = rig.Device with { Facts = rig.Device.Facts with { NameplatePower = Power.FromWatts(3600) } };
        Anomaly anomaly = Assert.Single(rig.Runs(6 * Hour).Raised(AnomalyKind.EfficiencyDrift));
        Assert.InRange(anomaly.KwhPerDay, 5m, 9m);
        Assert.Single(rig.Changes);
    }

    [Fact]
    public void Rig_OverNameplate_IsRaisedWithTheExcess()
    {
        WatchedRig rig = new WatchedRig { Watts = 3900, Terahashes = 130 }.Runs(2 * Hour);
        Anomaly anomaly = Assert.Single(rig.Raised(AnomalyKind.OverNameplate));
        Assert.InRange(anomaly.KwhPerDay, 14m, 17m);
    }

    [Fact]
    public void Rig_HashingOnNoPower_HasADeadMeter()
    {
        WatchedRig rig = new WatchedRig().Runs(6 * Hour);
        rig.Watts = 0;
        rig.Runs(2 * Hour);
        Assert.InRange(Assert.Single(rig.Raised(AnomalyKind.HashWithoutPower)).KwhPerDay, 78m, 78m);
        Assert.Single(rig.Changes);
    }

    [Fact]
    public void Power_NeverChangingAgain_IsStuck()
    {
        WatchedRig rig = new WatchedRig { Terahashes = null }.Runs(6 * Hour);
        rig.Noise = 0;
        rig.Runs(Hour);
        Assert.Single(rig.Raised(AnomalyKind.StuckValue));
        rig.Noise = 0.01;
        Assert.Single(rig.Runs(Minute).Cleared(AnomalyKind.StuckValue));
    }

    [Fact]
    public void Power_OfAMeterThatHardlyEverChanges_IsNotStuck() =>
        Assert.Empty(new WatchedRig { Terahashes = null, Noise = 0 }.Runs(24 * Hour).Changes);

    [Theory]
    [InlineData(10, "10 min slow")]
    [InlineData(-4, "4 min fast")]
    public void Clock_SteadilyOff_IsRaisedInsteadOfStale(int minutes, string says)
    {
        WatchedRig rig = new WatchedRig().Runs(Hour);
        for (int i = 0; i < 360; i++)
        {
            rig.Now = rig.Now.Plus(rig.Interval);
            rig.Send(rig.Now.Minus(minutes * Minute), rig.Now);
            rig.Watch.Tick(rig.Now, rig.Device, rig.Context, rig.Changes);
        }

        Assert.Contains(says, Assert.Single(rig.Raised(AnomalyKind.ClockOff)).Text, StringComparison.Ordinal);
        Assert.Single(rig.Changes);
    }

    [Fact]
    public void Clock_BacklogSentAfterAGap_IsNotOff()
    {
        WatchedRig rig = new WatchedRig().Runs(Hour);
        Instant gap = rig.Now;
        rig.IsSilent(2 * Hour);
        for (int i = 1; i < 720; i++)
        {
            rig.Send(gap.Plus(i * rig.Interval), rig.Now.Plus(TimeSpan.FromMilliseconds(i * 20)));
        }

        Assert.Empty(rig.Runs(Hour).Of(AnomalyKind.ClockOff));
    }

    [Fact]
    public void Clock_RefusedReadings_ShowItIsOff()
    {
        WatchedRig rig = new WatchedRig().Runs(Hour);
        for (int i = 0; i < 120; i++)
        {
            rig.Now = rig.Now.Plus(rig.Interval);
            rig.Watch.ObserveRefusedClock(rig.Now.Plus(24 * Hour), rig.Now, rig.Device, rig.Context, rig.Changes);
            rig.Watch.Tick(rig.Now, rig.Device, rig.Context, rig.Changes);
        }

        Assert.Single(rig.Raised(AnomalyKind.ClockOff));
        Assert.Single(rig.Changes);
    }

    [Fact]
    public void Identity_TwoRegistersUnderOneName_IsOneAlert()
    {
        WatchedRig rig = new WatchedRig().Runs(Hour);
        for (int i = 0; i < 30; i++)
        {
            rig.Runs(rig.Interval);
            rig.Watch.Observe(new MeterEvent(rig.Now, MeterEventKind.RegisterReset), rig.Device, rig.Context, rig.Changes);
        }

        Anomaly doubled = Assert.Single(rig.Raised(AnomalyKind.DuplicateIdentity));
        Assert.Equal(AnomalySeverity.Critical, doubled.Severity);
        Assert.Single(rig.Cleared(AnomalyKind.CounterReset));
        Assert.Empty(rig.Runs(5 * Hour).Cleared(AnomalyKind.DuplicateIdentity));
        Assert.Single(rig.Runs(2 * Hour).Cleared(AnomalyKind.DuplicateIdentity));
    }

    [Fact]
    public void Identity_EveryOtherReadingFromAnotherLevel_IsRaised()
    {
        WatchedRig rig = new WatchedRig { Terahashes = null }.Runs(Hour);
        for (int i = 0; i < 200; i++)
        {
            rig.Watts = i % 2 == 0 ? 2800 : 3250;
            rig.Runs(rig.Interval);
        }

        Assert.Single(rig.Raised(AnomalyKind.DuplicateIdentity));
    }

    [Fact]
    public void Name_ThatNobodyListedAndWasHeardOnce_IsUnregistered_AndNeverOffline()
    {
        WatchedRig rig = new();
        rig.Device = rig.Device with { Facts = rig.Device.Facts with { Registered = false } };
        rig.Send(rig.Now, rig.Now);
        rig.IsSilent(Hour);
        Assert.Equal(AnomalyKind.UnregisteredDevice, Assert.Single(rig.Changes).Anomaly.Kind);
    }

    [Fact]
    public void Permit_Missing_IsRaisedOnce()
    {
        WatchedRig rig = new();
        rig.Device = rig.Device with { Facts = rig.Device.Facts with { PermitMissing = true } };
        Assert.Single(rig.Runs(Hour).Raised(AnomalyKind.MissingPermit));
    }

    [Fact]
    public void Rig_LowForAWeek_IsTheNewUsual()
    {
        WatchedRig rig = new WatchedRig { Interval = Minute }.Runs(24 * Hour);
        (rig.Terahashes, rig.Watts) = (90, 2600);
        rig.Runs(8 * 24 * Hour);
        Assert.Single(rig.Raised(AnomalyKind.HashBelowBaseline));
        Assert.Single(rig.Cleared(AnomalyKind.HashBelowBaseline));
    }
}
