using FleetMonitor.Anomalies;
using FleetMonitor.Fleet.Units;
using Xunit;

namespace FleetMonitor.Tests.Anomalies;

public class DeviceStateTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void Device_NeverHeard_IsUnknown() => Assert.Equal(DeviceState.Unknown, new WatchedRig().State);

    [Fact]
    public void Device_FreshWithHashRate_IsMining() => Assert.Equal(DeviceState.Mining, new WatchedRig().Runs(Minute).State);

    [Fact]
    public void Device_FreshWithoutHashing_IsIdleHoweverMuchItDraws() =>
        Assert.Equal(DeviceState.Idle, new WatchedRig { Terahashes = 0 }.Runs(Minute).State);

    [Theory]
    [InlineData(170, DeviceState.Mining)]
    [InlineData(155, DeviceState.Idle)]
    public void DeviceWithoutHashRate_AroundFivePercentOfNameplate_IsMiningAbove(double watts, DeviceState expected) =>
        Assert.Equal(expected, new WatchedRig { Terahashes = null, Watts = watts, Noise = 0 }.Runs(Minute).State);

    [Theory]
    [InlineData(60, DeviceState.Mining)]
    [InlineData(70, DeviceState.Stale)]
    [InlineData(300, DeviceState.Stale)]
    [InlineData(310, DeviceState.Offline)]
    public void DeviceAtTenSeconds_Silent_IsStaleAfterAMinuteAndOfflineAfterFive(int seconds, DeviceState expected) =>
        Assert.Equal(expected, new WatchedRig().Runs(30 * Minute).IsSilent(TimeSpan.FromSeconds(seconds)).State);

    [Theory]
    [InlineData(29, DeviceState.Mining)]
    [InlineData(31, DeviceState.Offline)]
    public void DeviceAtTenMinutes_Silent_HasThreeOfItsIntervals(int minutes, DeviceState expected) =>
        Assert.Equal(expected, new WatchedRig { Interval = 10 * Minute }.Runs(TimeSpan.FromHours(5)).IsSilent(minutes * Minute).State);

    [Fact]
    public void StaleAfter_Set_Overrides()
    {
        WatchedRig rig = new() { Context = new(new AnomalyOptions { StaleAfter = TimeSpan.FromSeconds(20) }) };
        Assert.Equal(DeviceState.Stale, rig.Runs(Minute).IsSilent(TimeSpan.FromSeconds(30)).State);
    }

    [Fact]
    public void Device_TwoHourOldValueDeliveredNow_IsNotLive()
    {
        WatchedRig rig = new();
        rig.Send(rig.Now.Minus(TimeSpan.FromHours(2)), rig.Now);
        Assert.Equal(DeviceState.Stale, rig.State);
    }

    [Fact]
    public void Device_LateReadingAfterNewerOne_StaysMining()
    {
        WatchedRig rig = new WatchedRig().Runs(Minute);
        rig.Terahashes = 0;
        rig.Send(rig.Now.Minus(TimeSpan.FromHours(2)), rig.Now);
        Assert.Equal(DeviceState.Mining, rig.State);
    }

    [Fact]
    public void Device_LastWill_IsOfflineAtOnceAndBackWithAReading()
    {
        WatchedRig rig = new WatchedRig().Runs(Minute);
        rig.Watch.Presence(online: false, rig.Now, rig.Device, rig.Context, rig.Changes);
        Assert.Equal(DeviceState.Offline, rig.State);
        Assert.Equal(DeviceState.Mining, rig.Runs(Interval).State);
    }

    [Fact]
    public void Device_OnlyClaimedOnline_IsNotMining()
    {
        WatchedRig rig = new WatchedRig().Runs(Minute).IsSilent(2 * Minute);
        rig.Watch.Presence(online: true, rig.Now, rig.Device, rig.Context, rig.Changes);
        Assert.Equal(DeviceState.Stale, rig.State);
    }

    [Fact]
    public void Device_AfterRestart_HasTheSameState()
    {
        WatchedRig rig = new WatchedRig().Runs(Minute);
        rig.Restart();
        Assert.Equal(DeviceState.Mining, rig.State);
        Assert.Equal(DeviceState.Offline, rig.IsSilent(6 * Minute).State);
    }

    [Fact]
    public void Watch_BytesOfAnotherVersion_AreRefused()
    {
        byte[] kept = new byte[DeviceWatch.SerializedSize];
        new WatchedRig().Runs(Minute).Watch.WriteTo(kept);
        kept[0]++;
        Assert.False(new DeviceWatch().TryRead(kept));
    }

    [Fact]
    public void Watch_PutAwayAndTakenOutByAnother_IsTheSame()
    {
        WatchedRig alarmed = new WatchedRig().Runs(Minute);
        alarmed.Device = alarmed.Device with { Facts = alarmed.Device.Facts with { Registered = false } };
        alarmed.Runs(Minute);
        WatchedRig well = new WatchedRig().Runs(2 * Minute);
        PackedWatch ofAlarmed = default;
        PackedWatch ofWell = default;
        alarmed.Watch.PutAway(ref ofAlarmed);
        well.Watch.PutAway(ref ofWell);

        var shared = new DeviceWatch();
        shared.TakeOut(ofAlarmed);
        byte[] first = Bytes(shared);
        shared.TakeOut(ofWell);

        Assert.Equal(Bytes(alarmed.Watch), first);
        Assert.Equal(Bytes(well.Watch), Bytes(shared));
        Assert.NotEmpty(alarmed.Raised(AnomalyKind.UnregisteredDevice));
        Assert.Equal(0, ofWell.BytesBeside);
    }

    [Fact]
    public void Watch_PerDevice_TakesLessThan512Bytes()
    {
        DeviceWatch[] watches = new DeviceWatch[100];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < watches.Length; i++)
        {
            watches[i] = new DeviceWatch();
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / watches.Length, 1, 511);
        Assert.Equal(100, watches.Length);
    }

    private static byte[] Bytes(DeviceWatch watch)
    {
        byte[] bytes = new byte[DeviceWatch.SerializedSize];
        watch.WriteTo(bytes);
        return bytes;
    }

    private static TimeSpan Interval => TimeSpan.FromSeconds(10);
}
