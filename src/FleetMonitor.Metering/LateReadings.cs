using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Metering;

/// <summary>Late readings on their way into the ones that are kept.</summary>
internal static class LateReadings
{
    public static Instant Earliest(ReadOnlySpan<Reading> late)
    {
        Instant earliest = late[0].At;
        foreach (ref readonly Reading reading in late)
        {
            earliest = reading.At < earliest ? reading.At : earliest;
        }

        return earliest;
    }

    /// <summary>Both in time order, readings of one time merged (S3).</summary>
    /// <param name="kept">In time order.</param>
    /// <param name="late">In any order.</param>
    /// <param name="sink">Hears of conflicts.</param>
    public static Reading[] Merge<TSink>(Reading[] kept, ReadOnlySpan<Reading> late, ref TSink sink)
        where TSink : IDeviceSink
    {
        if (late.IsEmpty)
        {
            return kept;
        }

        Reading[] sorted = late.ToArray();
        Array.Sort(sorted, static (left, right) => left.At.CompareTo(right.At));
        var merged = new List<Reading>(kept.Length + sorted.Length);
        int next = 0;
        foreach (Reading reading in kept)
        {
            while (next < sorted.Length && sorted[next].At < reading.At)
            {
                Append(merged, sorted[next++], ref sink);
            }

            Append(merged, reading, ref sink);
        }

        while (next < sorted.Length)
        {
            Append(merged, sorted[next++], ref sink);
        }

        return [.. merged];
    }

    private static void Append<TSink>(List<Reading> merged, in Reading reading, ref TSink sink)
        where TSink : IDeviceSink
    {
        if (merged.Count == 0 || merged[^1].At != reading.At)
        {
            merged.Add(reading);
            return;
        }

        merged[^1] = Reading.Merge(merged[^1], reading, out bool conflict);
        if (conflict)
        {
            sink.Add(new MeterEvent(reading.At, MeterEventKind.Conflict));
        }
    }
}
