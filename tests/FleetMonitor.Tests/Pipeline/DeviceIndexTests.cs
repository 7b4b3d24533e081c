using FleetMonitor.Fleet;
using FleetMonitor.Service.Pipeline;
using Xunit;

namespace FleetMonitor.Tests.Pipeline;

public sealed class DeviceIndexTests
{
    [Fact]
    public void Devices_ThatWereAdded_AreFoundByTheirKeyAndNoOthers()
    {
        var memory = new ShardMemory();
        List<TrackedDevice> devices = [];
        var index = new DeviceIndex(devices);
        for (int id = 0; id < 1_000; id++)
        {
            devices.Add(new TrackedDevice(id, new DeviceKey($"site-{id % 3}", $"rig-{id / 3}"), memory));
            index.Add(devices[id].Key);
        }

        Assert.All(devices, device => Assert.Same(device, index.Find(new DeviceKey(device.Key.Site, device.Key.Device))));
        Assert.Null(index.Find(new DeviceKey("site-1", "rig-333")));
        Assert.Null(index.Find(new DeviceKey("site-3", "rig-1")));
    }
}
