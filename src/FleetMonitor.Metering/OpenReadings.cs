using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Metering;

/// <summary>A device's readings at hand, unpacked, in time order: while some come that belong between them.</summary>
internal sealed class OpenReadings
{
    private Reading[] _readings;

    /// <param name="readings">Readings in time order, and room behind them.</param>
    public OpenReadings(Reading[] readings, int count, int settledCount) => (_readings, Count, SettledCount) = (readings, count, settledCount);

    public int Count { get; private set; }

    public int SettledCount { get; set; }

    public ref Reading this[int index] => ref _readings.AsSpan(0, Count)[index];

    public ReadOnlySpan<Reading> All => _readings.AsSpan(0, Count);

    public ReadOnlySpan<Reading> Settled => _readings.AsSpan(0, SettledCount);

    public void Insert(int index, in Reading reading)
    {
        if (Count == _readings.Length)
        {
            Array.Resize(ref _readings, Math.Max(8, Count * 2));
        }

        _readings.AsSpan(index, Count - index).CopyTo(_readings.AsSpan(index + 1));
        _readings[index] = reading;
        Count++;
    }

    /// <summary>The first reading that is later, or the end.</summary>
    public int FirstAfter(Instant at)
    {
        int low = 0;
        int high = Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = _readings[middle].At <= at ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
