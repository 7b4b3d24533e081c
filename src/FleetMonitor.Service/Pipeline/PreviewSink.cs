using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;

namespace FleetMonitor.Service.Pipeline;

/// <summary>Sums up what the unsettled readings would add to the books, on top of what already waits for a checkpoint.</summary>
internal readonly struct PreviewSink(IEnumerable<KeyValuePair<DateOnly, EnergyByQuality>> waiting) : IDeviceSink
{
    public Dictionary<DateOnly, EnergyByQuality> Days { get; } = new(waiting);

    public void Add(DateOnly day, EnergyQuality quality, Energy energy)
    {
        if (energy != Energy.Zero)
        {
            Days[day] = Days.GetValueOrDefault(day) + EnergyByQuality.Of(quality, energy);
        }
    }

    public void Add(in Gap gap)
    {
    }

    public void CoverGaps(Instant from)
    {
    }

    public void Restart(Instant foundAt)
    {
    }

    public void Add(in MeterEvent meterEvent)
    {
    }

    public void Add(in DeviceWindow window)
    {
    }
}
