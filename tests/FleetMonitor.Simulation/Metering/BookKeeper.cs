using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Simulation.Model;

namespace FleetMonitor.Simulation.Metering;

/// <summary>
/// Keeps books from what the meter tells, by the rules by which the ledger does: energy is added up; a gap is one by its ends and an event by its
/// time and kind, so that to hear of one twice changes nothing; a conflict stays, since it was found at the door.
/// </summary>
internal sealed class BookKeeper : IDeviceSink
{
    private readonly Dictionary<DateOnly, EnergyByQuality> _days;
    private readonly Dictionary<(Instant From, Instant To), Gap> _gaps;
    private readonly Dictionary<(Instant At, MeterEventKind Kind), MeterEvent> _events;
    private readonly SortedDictionary<Instant, DeviceWindow> _windows;

    public BookKeeper()
    {
        _days = [];
        _gaps = [];
        _events = [];
        _windows = [];
    }

    private BookKeeper(BookKeeper other)
    {
        _days = new(other._days);
        _gaps = new(other._gaps);
        _events = new(other._events);
        _windows = new(other._windows);
    }

    /// <summary>The newest form of each window handed over, oldest first.</summary>
    public IReadOnlyList<DeviceWindow> Windows => [.. _windows.Values];

    public BookKeeper Copy() => new(this);

    public ModelBooks Close() => new(
        _days.Select(day => KeyValuePair.Create(
            day.Key,
            new ModelEnergy(day.Value.Register.MicrowattHours, day.Value.Integrated.MicrowattHours, day.Value.Estimated.MicrowattHours))),
        _gaps.Values.Select(gap => new ModelGap(gap.From, gap.To, gap.Reason switch
        {
            GapReason.NoPower => ModelGapReason.NoPower,
            GapReason.RegisterUnusable => ModelGapReason.RegisterUnusable,
            _ => throw new InvalidOperationException($"unknown reason {gap.Reason}"),
        })),
        _events.Values);

    public void Add(DateOnly day, EnergyQuality quality, Energy energy) =>
        _days[day] = _days.GetValueOrDefault(day) + EnergyByQuality.Of(quality, energy);

    public void Add(in Gap gap) => _gaps[(gap.From, gap.To)] = gap;

    public void CoverGaps(Instant from)
    {
        foreach (Gap gap in _gaps.Values.Where(gap => gap.Reason == GapReason.NoPower && gap.From >= from).ToList())
        {
            _gaps.Remove((gap.From, gap.To));
        }
    }

    public void Add(in MeterEvent meterEvent) => _events[(meterEvent.At, meterEvent.Kind)] = meterEvent;

    public void Add(in DeviceWindow window) => _windows[window.Start] = window;

    public void Restart(Instant foundAt)
    {
        foreach (Gap gap in _gaps.Values.Where(gap => gap.FoundAt >= foundAt).ToList())
        {
            _gaps.Remove((gap.From, gap.To));
        }

        foreach (MeterEvent happened in _events.Values
            .Where(happened => happened.At >= foundAt && happened.Kind != MeterEventKind.Conflict).ToList())
        {
            _events.Remove((happened.At, happened.Kind));
        }
    }
}
