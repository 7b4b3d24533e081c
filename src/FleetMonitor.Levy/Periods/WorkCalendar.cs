namespace FleetMonitor.Levy;

/// <summary>Which days are worked, so that a deadline can move to one that is.</summary>
/// <param name="Weekend">Days of the week that are not worked.</param>
/// <param name="Holidays">Dates that are not worked, with their names.</param>
/// <param name="ConfirmedThrough">
/// The last day up to which the list is known to be whole; beyond it holidays that move, and those that are carried over by decree, may be
/// missing. Null where the list claims no end.
/// </param>
public sealed record WorkCalendar(IReadOnlySet<DayOfWeek> Weekend, IReadOnlyDictionary<DateOnly, string> Holidays, DateOnly? ConfirmedThrough)
{
    public bool IsConfirmed(DateOnly day) => ConfirmedThrough is not { } end || day <= end;

    public bool IsWorked(DateOnly day) => !Weekend.Contains(day.DayOfWeek) && !Holidays.ContainsKey(day);

    /// <summary>The day itself, or the next one that is worked.</summary>
    public DateOnly OnOrAfter(DateOnly day)
    {
        while (!IsWorked(day))
        {
            day = day.AddDays(1);
        }

        return day;
    }
}
