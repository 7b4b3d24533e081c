using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;

namespace FleetMonitor.Service.Influx;

/// <summary>A site's windows summed from kept readings.</summary>
internal sealed class KeptSums
{
    private readonly SortedDictionary<Instant, SiteSums> _sums = new(Comparer<Instant>.Default);
    private Instant _wholeFrom = new(long.MinValue);

    /// <summary>
    /// The windows, in time order, of which every device's readings are kept. Of one from before that the store's point is better: it was
    /// summed when all were.
    /// </summary>
    public IEnumerable<KeyValuePair<Instant, SiteSums>> Whole => _sums.Where(sum => sum.Key >= _wholeFrom);

    /// <summary>Notes what was let go of a device: all up to some reading. The window of that reading goes on with the kept ones.</summary>
    public void Add(HoursStand? stand)
    {
        if (stand?.Run.Window is { Readings: > 0 } last && last.Start > _wholeFrom)
        {
            _wholeFrom = last.Start;
        }
    }

    public void Add(Instant window, in WindowShare share)
    {
        SiteSums sum = _sums.GetValueOrDefault(window);
        sum.Add(share);
        _sums[window] = sum;
    }
}
