using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;

namespace FleetMonitor.Service.Evidence;

/// <summary>Gathers what metering finds again: energy by day, gaps and events, as the ledger's tables come to hold them.</summary>
/// <param name="days">By quality, on top of which energy is added.</param>
/// <param name="gaps">By where they begin and end.</param>
internal readonly struct ProofSink(
    Dictionary<DateOnly, EnergyByQuality> days,
    Dictionary<(Instant From, Instant To), Gap> gaps,
    Dictionary<(Instant At, MeterEventKind Kind), MeterEvent> events) : IDeviceSink
{
    public void Add(DateOnly day, EnergyQuality quality, Energy energy)
    {
        if (energy != Energy.Zero)
        {
            days[day] = days.GetValueOrDefault(day) + EnergyByQuality.Of(quality, energy);
        }
    }

    public void Add(in Gap gap) => gaps[(gap.From, gap.To)] = gap;

    public void CoverGaps(Instant from)
    {
        foreach (Gap gap in gaps.Values.Where(gap => gap.From >= from && gap.Reason == GapReason.NoPower).ToArray())
        {
            gaps.Remove((gap.From, gap.To));
        }
    }

    public void Add(in MeterEvent meterEvent) => events[(meterEvent.At, meterEvent.Kind)] = meterEvent;

    public void Add(in DeviceWindow window)
    {
    }

    public void Restart(Instant foundAt)
    {
    }
}
