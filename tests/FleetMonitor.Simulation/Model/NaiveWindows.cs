using System.Numerics;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Simulation.Model;

/// <summary>What one device's readings of one window amount to, but for energy. Units as in the books: mW, MH/s.</summary>
/// <param name="Efficiency">Thousandths of a joule for each terahash; null without both power and a hash rate.</param>
public sealed record ModelWindow(
    int Readings, BigInteger? PowerMean, long? PowerMin, long? PowerMax, BigInteger? HashRateMean, BigInteger? Efficiency);

/// <summary>What the time series of one device must say, from the whole set of its readings at once.</summary>
public static class NaiveWindows
{
    /// <summary>The windows that hold readings, by their start in seconds.</summary>
    public static SortedDictionary<long, ModelWindow> Of(IReadOnlyList<Reading> readings, TimeSpan length)
    {
        var windows = new SortedDictionary<long, ModelWindow>();
        foreach (IGrouping<long, Reading> window in readings.GroupBy(reading => StartOf(reading.At, length)))
        {
            // S3: one reading for each time, of different values the greatest.
            List<IGrouping<Instant, Reading>> times = [.. window.GroupBy(reading => reading.At)];
            List<long> powers = [.. times.Where(at => at.Any(r => r.HasPower)).Select(at => at.Where(r => r.HasPower).Max(r => r.Power.Milliwatts))];
            List<long> hashRates =
                [.. times.Where(at => at.Any(r => r.HasHashRate)).Select(at => at.Where(r => r.HasHashRate).Max(r => r.HashRate.MegahashesPerSecond))];
            windows.Add(window.Key, new ModelWindow(
                times.Count,
                Mean(powers),
                powers.Count > 0 ? powers.Min() : null,
                powers.Count > 0 ? powers.Max() : null,
                Mean(hashRates),
                powers.Count > 0 && hashRates.Sum() > 0
                    ? ((Fraction)Sum(powers) * hashRates.Count * 1_000_000 * new Fraction(1, Sum(hashRates)) / powers.Count).HalfEven()
                    : null));
        }

        return windows;
    }

    /// <summary>In seconds since 1970.</summary>
    public static long StartOf(Instant at, TimeSpan length) =>
        (long)Math.Floor(at.UnixMilliseconds / length.TotalMilliseconds) * (long)length.TotalSeconds;

    private static BigInteger? Mean(List<long> values) => values.Count > 0 ? ((Fraction)Sum(values) / values.Count).HalfEven() : null;

    private static BigInteger Sum(List<long> values) => values.Aggregate(BigInteger.Zero, (sum, value) => sum + value);
}
