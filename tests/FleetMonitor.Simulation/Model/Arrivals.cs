using FleetMonitor.Telemetry;

namespace FleetMonitor.Simulation.Model;

/// <summary>Ways in which one set of readings can come in: any order, any batches, some readings more than once.</summary>
public static class Arrivals
{
    /// <summary>Batches that together hold each of the readings at least once, and nothing else. No batch is empty.</summary>
    public static IReadOnlyList<IReadOnlyList<Reading>> Of(IReadOnlyList<Reading> readings, Random random)
    {
        List<Reading> arriving = InSomeOrder(readings, random);
        if (arriving.Count > 0 && random.Next(3) == 0)
        {
            // Redelivered: what came earlier comes once more, later.
            int at = random.Next(arriving.Count);
            arriving.Insert(random.Next(at, arriving.Count) + 1, arriving[at]);
        }

        int longest = random.Next(3) switch { 0 => 1, 1 => 5, _ => Math.Max(1, arriving.Count) };
        List<IReadOnlyList<Reading>> batches = [];
        for (int next = 0; next < arriving.Count; next += batches[^1].Count)
        {
            batches.Add(arriving.GetRange(next, Math.Min(random.Next(1, longest + 1), arriving.Count - next)));
        }

        return batches;
    }

    private static List<Reading> InSomeOrder(IReadOnlyList<Reading> readings, Random random)
    {
        List<Reading> sorted = [.. readings.OrderBy(reading => reading.At)];
        switch (random.Next(6))
        {
            case 0:
                return sorted;
            case 1:
                sorted.Reverse();
                return sorted;
            case 2:
                // Two links of different delay, or a network that overtakes itself.
                return [.. sorted.OrderBy(reading => reading.At.UnixMilliseconds + random.Next(120_000))];
            case 3:
                // A device that kept readings while it was cut off, and sends them last.
                int from = random.Next(sorted.Count + 1);
                int to = random.Next(from, sorted.Count + 1);
                return [.. sorted[..from], .. sorted[to..], .. sorted[from..to]];
            default:
                Reading[] shuffled = [.. sorted];
                random.Shuffle(shuffled);
                return [.. shuffled];
        }
    }
}
