using System.Runtime.CompilerServices;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Fleet;

/// <summary>
/// The local days of a time zone as stretches of time. A day runs from the first instant at which the zone's clock shows its date or a
/// later one, up to the start of the next day: so days follow each other without gap or overlap whatever the clock does. A day may have 23
/// or 25 hours; where midnight is skipped it starts later; a date that a zone left out is empty.
/// Only instant-to-local conversions of the time-zone data are used: the other direction does not know of a zone that changes its standard
/// offset (Asia/Almaty on 2024-03-01). Safe from any thread, without locks.
/// </summary>
public class DayCalendar
{
    private const long DayMilliseconds = 86_400_000;

    /// <summary>No offset was or is further from UTC than 15 hours.</summary>
    private const long FarthestOffset = 15 * 3_600_000;

    /// <summary>Day starts are kept by blocks of days, from 1970 on for two centuries; other days are worked out each time.</summary>
    private const int BlockDays = 512;
    private const int Blocks = 144;

    private static readonly int EpochDay = new DateOnly(1970, 1, 1).DayNumber;
    private static readonly long FirstMillisecond = new DateTimeOffset(DateTime.MinValue, TimeSpan.Zero).ToUnixTimeMilliseconds();
    private static readonly long LastMillisecond = new DateTimeOffset(DateTime.MaxValue, TimeSpan.Zero).ToUnixTimeMilliseconds();
    private static readonly ConditionalWeakTable<TimeZoneInfo, DayCalendar> Calendars = [];

    private readonly long[]?[] _starts = new long[Blocks][];
    private readonly long _usualOffset;

    public DayCalendar(TimeZoneInfo zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        Zone = zone;
        _usualOffset = (long)zone.BaseUtcOffset.TotalMilliseconds;
    }

    public TimeZoneInfo Zone { get; }

    /// <summary>The zone's calendar, shared by all who ask.</summary>
    public static DayCalendar Of(TimeZoneInfo zone) => Calendars.GetValue(zone, static z => new DayCalendar(z));

    /// <summary>The local day an instant belongs to.</summary>
    public virtual DateOnly DateOf(Instant instant)
    {
        long local = Math.Clamp(instant.UnixMilliseconds + _usualOffset, FirstMillisecond, LastMillisecond);
        int day = (int)((local - FirstMillisecond) / DayMilliseconds);
        while (day > 0 && instant.UnixMilliseconds < StartOfDay(day))
        {
            day--;
        }

        while (day < DateOnly.MaxValue.DayNumber && instant.UnixMilliseconds >= StartOfDay(day + 1))
        {
            day++;
        }

        return DateOnly.FromDayNumber(day);
    }

    /// <summary>The first instant of a local day.</summary>
    public virtual Instant StartOf(DateOnly date) => new(StartOfDay(date.DayNumber));

    /// <summary>
    /// The instant a local clock meant (S10). A time that happened twice: the candidate nearest to <paramref name="near"/>. A time that was
    /// skipped: by the offset before the change. Floors to the millisecond.
    /// </summary>
    /// <param name="local">Date and time as the clock showed them; its kind does not matter.</param>
    /// <param name="near">When the message was received.</param>
    public Instant ToInstant(DateTime local, Instant near)
    {
        long shown = (local.Ticks / TimeSpan.TicksPerMillisecond) + FirstMillisecond;
        long before = OffsetAt(shown - FarthestOffset);
        long after = OffsetAt(shown + FarthestOffset);
        long first = shown - before;
        long second = shown - after;
        bool firstHappened = OffsetAt(first) == before;
        bool secondHappened = OffsetAt(second) == after;
        if (!secondHappened)
        {
            return new Instant(first);
        }

        if (!firstHappened)
        {
            return new Instant(second);
        }

        return new Instant(Math.Abs(second - near.UnixMilliseconds) < Math.Abs(first - near.UnixMilliseconds) ? second : first);
    }

    private long StartOfDay(int day)
    {
        int sinceEpoch = day - EpochDay;
        int block = sinceEpoch / BlockDays;
        if (sinceEpoch < 0 || block >= Blocks)
        {
            return Compute(day);
        }

        // Two threads may fill a block at once: both write the same numbers.
        long[] known = Volatile.Read(ref _starts[block]) ?? Fill(block);
        return known[sinceEpoch % BlockDays];
    }

    private long[] Fill(int block)
    {
        var computed = new long[BlockDays];
        int first = EpochDay + (block * BlockDays);
        for (int i = 0; i < BlockDays; i++)
        {
            computed[i] = Compute(first + i);
        }

        Volatile.Write(ref _starts[block], computed);
        return computed;
    }

    private long Compute(int day)
    {
        long midnight = FirstMillisecond + (day * DayMilliseconds);
        long low = midnight - FarthestOffset;
        long high = midnight + FarthestOffset;
        long before = OffsetAt(low);
        long after = OffsetAt(high);
        if (before == after)
        {
            return midnight - before;
        }

        while (high - low > 1)
        {
            long middle = low + ((high - low) / 2);
            if (OffsetAt(middle) == before)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        long change = high;
        return midnight - before < change ? midnight - before : Math.Max(change, midnight - after);
    }

    /// <summary>Milliseconds that the local clock is ahead of UTC.</summary>
    private long OffsetAt(long instant)
    {
        long ticks = (Math.Clamp(instant, FirstMillisecond, LastMillisecond) - FirstMillisecond) * TimeSpan.TicksPerMillisecond;
        return Zone.GetUtcOffset(new DateTime(ticks, DateTimeKind.Utc)).Ticks / TimeSpan.TicksPerMillisecond;
    }
}
