namespace FleetMonitor.Levy;

/// <summary>By when a period is declared and paid: local dates, already moved to a worked day.</summary>
/// <param name="Declaration">Absent where the law asked for none.</param>
/// <param name="Provisional">True where one of them falls beyond the list of holidays: it may still move.</param>
public sealed record Deadlines(DateOnly? Declaration, DateOnly Payment, string LegalRef, bool Provisional = false)
{
    /// <summary>The deadlines of a charge for a period, by the rule that held on its first day; null where nothing is filed.</summary>
    public static Deadlines? Of(Charge charge, TaxPeriod period, WorkCalendar calendar)
    {
        foreach (FilingRule rule in charge.Filing)
        {
            bool holds = (rule.From is not { } from || from <= period.FirstDay) && (rule.To is not { } to || period.FirstDay < to);
            if (holds)
            {
                DateOnly? declaration = rule.Declaration is { } due ? Day(period, due, calendar) : null;
                DateOnly payment = Day(period, rule.Payment, calendar);
                return new Deadlines(declaration, payment, rule.LegalRef, !calendar.IsConfirmed(payment) || (declaration is { } day && !calendar.IsConfirmed(day)));
            }
        }

        return null;
    }

    private static DateOnly Day(TaxPeriod period, DueDay due, WorkCalendar calendar)
    {
        DateOnly month = period.LastDay.AddDays(1 - period.LastDay.Day).AddMonths(due.MonthsAfter);
        int day = Math.Min(due.Day, DateTime.DaysInMonth(month.Year, month.Month));
        return calendar.OnOrAfter(month.AddDays(day - 1));
    }
}
