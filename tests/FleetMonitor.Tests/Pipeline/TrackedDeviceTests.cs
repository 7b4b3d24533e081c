using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Service.Pipeline;
using Xunit;

namespace FleetMonitor.Tests.Pipeline;

public sealed class TrackedDeviceTests
{
    [Fact]
    public void OwnsAnotherTopic_BeyondEight_IsRefusedUntilTheFleetChanges()
    {
        var device = new TrackedDevice(0, new DeviceKey("site", "rig"), new ShardMemory());

        int owned = Enumerable.Range(0, 100).Count(_ => device.OwnsAnotherTopic(FleetSnapshot.Empty));

        Assert.Equal(8, owned);
        Assert.True(device.OwnsAnotherTopic(FleetSnapshot.OfFile([])));
    }

    [Fact]
    public void Days_OfSeveralDays_AreTheSumsWithoutThoseThatAreZero()
    {
        var device = new TrackedDevice(0, new DeviceKey("site", "rig"), new ShardMemory());
        var day = new DateOnly(2026, 11, 20);
        void Add(int after, long energy) => device.Add(day.AddDays(after), EnergyByQuality.Of(EnergyQuality.Register, new Energy(energy)));

        Add(0, 5);
        Add(1, 7);
        Add(0, -5);
        Add(1, 3);
        Add(2, 1);
        Add(2, -1);
        Add(0, 4);

        Assert.Equal(
            [(day, 4), (day.AddDays(1), 10)],
            device.Days.OrderBy(one => one.Key).Select(one => (one.Key, one.Value.Register.MicrowattHours)));
    }
}
