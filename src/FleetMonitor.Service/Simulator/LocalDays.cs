namespace FleetMonitor.Service.Simulator;

/// <summary>
/// The local days of one zone from a moment on, numbered from 0. It is found by asking the zone what date each moment has, and nothing else,
/// so that the truth does not lean on the calendar that it is there to check.
/// </summary>
internal sealed class LocalDays
{
    private const long SearchStep = 15 * 60 * 1000;

    private readonly TimeZoneInfo _zone;
    private readonly Lock _growing = new();
    private volatile Day[] _days;

    public LocalDays(TimeZoneInfo zone, long firstMoment)
    {
        _zone = zone;
        _days = [MakeDay(firstMoment)];
    }

    private readonly record struct Day(DateOnly Date, long End);

    /// <summary>The number of the day that a moment (Unix milliseconds, not before the first) falls into.</summary>
    public int IndexOf(long moment)
    {
        for (int index = 0; ; index++)
        {
            if (moment < EndOf(index))
            {
                return index;
            }
        }
    }

    public DateOnly DateOf(int index) => At(index).Date;

    /// <summary>The first moment that is no longer in the day.</summary>
    public long EndOf(int index) => At(index).End;

    private Day At(int index)
    {
        Day[] days = _days;
        return index < days.Length ? days[index] : Grow(index);
    }

    private Day Grow(int index)
    {
        lock (_growing)
        {
            var days = new List<Day>(_days);
            while (days.Count <= index)
            {
                days.Add(MakeDay(days[^1].End));
            }

            _days = [.. days];
            return _days[index];
        }
    }

    private Day MakeDay(long moment)
    {
        DateOnly date = LocalDate(moment);
        long inside = moment;
        while (LocalDate(inside + SearchStep) == date)
        {
            inside += SearchStep;
        }

        long outside = inside + SearchStep;
        while (outside - inside > 1)
        {
            long middle = inside + ((outside - inside) / 2);
            (inside, outside) = LocalDate(middle) == date ? (middle, outside) : (inside, middle);
        }

        return new Day(date, outside);
    }

    private DateOnly LocalDate(long moment) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(moment), _zone).DateTime);
}
