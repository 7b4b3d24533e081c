using System.Runtime.CompilerServices;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Metering;

/// <summary>
/// The hours of local days in the guise of days, so that the rules of metering split by the hour what they otherwise split at midnight: the
/// hours of a day then sum to the day, in each quality. Hours are counted from the day's start; a day of 23 hours has an empty 24th, and what
/// goes beyond 25 hours belongs to the last.
/// </summary>
public sealed class HourCalendar : DayCalendar
{
    private const int MostHours = 25;
    private const long HourMilliseconds = 3_600_000;

    private static readonly int FirstDay = new DateOnly(1970, 1, 1).DayNumber;
    private static readonly ConditionalWeakTable<DayCalendar, HourCalendar> Calendars = [];

    private readonly DayCalendar _days;

    private HourCalendar(DayCalendar days)
        : base(days.Zone) => _days = days;

    public static HourCalendar Of(DayCalendar days) => Calendars.GetValue(days, static of => new HourCalendar(of));

    /// <summary>The local day and the hour of it (0 to 24) that a day of this calendar stands for.</summary>
    public static (DateOnly Day, int Hour) HourOf(DateOnly hour) =>
        (DateOnly.FromDayNumber(FirstDay + (hour.DayNumber / MostHours)), hour.DayNumber % MostHours);

    public override DateOnly DateOf(Instant instant)
    {
        DateOnly day = _days.DateOf(instant);
        long hour = Math.Min((instant.UnixMilliseconds - _days.StartOf(day).UnixMilliseconds) / HourMilliseconds, MostHours - 1);
        return DateOnly.FromDayNumber(((day.DayNumber - FirstDay) * MostHours) + (int)hour);
    }

    public override Instant StartOf(DateOnly date)
    {
        (DateOnly day, int hour) = HourOf(date);
        Instant next = _days.StartOf(day.AddDays(1));
        var start = new Instant(_days.StartOf(day).UnixMilliseconds + (hour * HourMilliseconds));
        return start < next ? start : next;
    }
}
