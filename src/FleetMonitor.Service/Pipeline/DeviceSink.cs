using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Metering;

namespace FleetMonitor.Service.Pipeline;

/// <summary>
/// Hears a device's meter: differences to the books gather with the device until a checkpoint takes them, windows go to what its shard gives
/// out.
/// </summary>
internal readonly struct DeviceSink(TrackedDevice device, ShardOutput output) : IDeviceSink
{
    public void Add(DateOnly day, EnergyQuality quality, Energy energy) => device.Add(day, EnergyByQuality.Of(quality, energy));

    public void Add(in Gap gap) => device.Add(new MeterNote(Gap: gap));

    public void CoverGaps(Instant from) => device.Add(new MeterNote(CoverGapsFrom: from));

    public void Restart(Instant foundAt) => device.Add(new MeterNote(RestartAt: foundAt));

    public void Add(in MeterEvent meterEvent)
    {
        device.Add(new MeterNote(Event: meterEvent));
        (device.Events ??= []).Add(meterEvent);
    }

    public void Add(in DeviceWindow window) => output.Windows.Add((device, window));
}
