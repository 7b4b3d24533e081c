using System.Collections.Concurrent;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Simulation.Model;

/// <summary>
/// Local dates the slow way: a date starts at the first minute whose wall clock shows that date or a later one, found by walking over the
/// minutes in which it could be. That one rule covers 23- and 25-hour days, a midnight that is skipped or comes twice, and a date that a
/// zone left out altogether (it starts and ends at the same instant).
/// </summary>
public sealed class LocalDays(TimeZoneInfo zone)
{
    /// <summary>Slow to find and always the same: found once.</summary>
    private static readonly ConcurrentDictionary<(TimeZoneInfo Zone, DateOnly Date), Instant> Starts = [];

    public Instant StartOf(DateOnly date)
    {
        if (Starts.TryGetValue((zone, date), out Instant known))
        {
            return known;
        }

        // Offsets lie between -12 and +14 hours; an hour more on each side costs nothing.
        DateTimeOffset midnightUtc = new(date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        for (DateTimeOffset minute = midnightUtc.AddHours(-15); minute <= midnightUtc.AddHours(13); minute = minute.AddMinutes(1))
        {
            if (WallClockDate(minute) >= date)
            {
                Instant start = new(minute.ToUnixTimeMilliseconds());
                Starts[(zone, date)] = start;
                return start;
            }
        }

        throw new InvalidOperationException($"{date:O} does not start in {zone.Id}");
    }

    /// <summary>The latest date that has started.</summary>
    public DateOnly DateOf(Instant time)
    {
        DateOnly date = WallClockDate(time.ToDateTimeOffset()).AddDays(2);
        while (StartOf(date) > time)
        {
            date = date.AddDays(-1);
        }

        return date;
    }

    /// <summary>Where local dates start, strictly between two instants, each once and in order.</summary>
    public IReadOnlyList<Instant> StartsBetween(Instant from, Instant to)
    {
        List<Instant> starts = [];
        for (DateOnly date = DateOf(from).AddDays(1); StartOf(date) < to; date = date.AddDays(1))
        {
            if (!starts.Contains(StartOf(date)))
            {
                starts.Add(StartOf(date));
            }
        }

        return starts;
    }

    private DateOnly WallClockDate(DateTimeOffset time) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time, zone).DateTime);
}
