using System.Collections;
using FleetMonitor.Metering;

namespace FleetMonitor.Service.Pipeline;

/// <summary>
/// Energy by local day, days without any left out. Nearly always of one day, which stands in the struct itself: a device keeps one of these for
/// as long as it lives.
/// </summary>
internal struct DaySums : IEnumerable<KeyValuePair<DateOnly, EnergyByQuality>>
{
    private DateOnly _day;
    private EnergyByQuality _energy;
    private Dictionary<DateOnly, EnergyByQuality>? _others;

    public void Add(DateOnly day, in EnergyByQuality energy)
    {
        if (day == _day || _energy == EnergyByQuality.Zero)
        {
            AddToOwn(day, energy);
            return;
        }

        _others ??= [];
        EnergyByQuality sum = _others.GetValueOrDefault(day) + energy;
        if (sum == EnergyByQuality.Zero)
        {
            _others.Remove(day);
        }
        else
        {
            _others[day] = sum;
        }
    }

    /// <summary>What stands here, in an object of its own.</summary>
    public readonly Dictionary<DateOnly, EnergyByQuality> ToDictionary() => new(this);

    public readonly IEnumerator<KeyValuePair<DateOnly, EnergyByQuality>> GetEnumerator()
    {
        if (_energy != EnergyByQuality.Zero)
        {
            yield return new(_day, _energy);
        }

        foreach (KeyValuePair<DateOnly, EnergyByQuality> other in _others ?? [])
        {
            yield return other;
        }
    }

    readonly IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private void AddToOwn(DateOnly day, in EnergyByQuality energy)
    {
        // The day that takes the free place may stand among the others already.
        if (day != _day && _others is { } others && others.Remove(day, out EnergyByQuality moved))
        {
            (_day, _energy) = (day, moved + energy);
        }
        else
        {
            (_day, _energy) = (day, _energy + energy);
        }
    }
}
