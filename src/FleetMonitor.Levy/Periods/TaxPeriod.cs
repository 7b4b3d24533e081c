using System.Globalization;
using FleetMonitor.Fleet;

namespace FleetMonitor.Levy;

/// <summary>A tax period: a calendar quarter of local dates in a site's zone, written <c>2026-Q4</c>.</summary>
public readonly record struct TaxPeriod : IComparable<TaxPeriod>
{
    /// <summary>The calendar ends with 9999-12-31, so that no period of that year has a day after it.</summary>
    public const int LastYear = 9998;

    /// <param name="year">1 to <see cref="LastYear"/>.</param>
    /// <param name="quarter">1 to 4.</param>
    public TaxPeriod(int year, int quarter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(year, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(year, LastYear);
        ArgumentOutOfRangeException.ThrowIfLessThan(quarter, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quarter, 4);
        Year = year;
        Quarter = quarter;
    }

    public int Year { get; }

    public int Quarter { get; }

    public DateOnly FirstDay => new(Year, (Quarter * 3) - 2, 1);

    public DateOnly LastDay => End.AddDays(-1);

    /// <summary>The first day after the period.</summary>
    public DateOnly End => FirstDay.AddMonths(3);

    public TaxPeriod Next => Of(End);

    public TaxPeriod Previous => Of(FirstDay.AddDays(-1));

    public static TaxPeriod Of(DateOnly day) => new(day.Year, (day.Month + 2) / 3);

    public bool Contains(DateOnly day) => FirstDay <= day && day < End;

    /// <summary>Elapsed time of the period: 2185 hours in the quarter in which a zone sets its clocks back by one.</summary>
    public TimeSpan Duration(DayCalendar calendar) => calendar.StartOf(End) - calendar.StartOf(FirstDay);

    public static bool TryParse(string? text, out TaxPeriod period)
    {
        period = default;
        if (text is not { Length: 7 } || text[4] != '-' || text[5] != 'Q' || text[6] is < '1' or > '4'
            || !int.TryParse(text.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out int year) || year is < 1 or > LastYear)
        {
            return false;
        }

        period = new TaxPeriod(year, text[6] - '0');
        return true;
    }

    public static TaxPeriod Parse(string text) => TryParse(text, out TaxPeriod period)
        ? period
        : throw new FormatException($"'{text}' is not a tax period such as 2026-Q4.");

    public int CompareTo(TaxPeriod other) => FirstDay.CompareTo(other.FirstDay);

    public static bool operator <(TaxPeriod left, TaxPeriod right) => left.CompareTo(right) < 0;

    public static bool operator >(TaxPeriod left, TaxPeriod right) => left.CompareTo(right) > 0;

    public static bool operator <=(TaxPeriod left, TaxPeriod right) => left.CompareTo(right) <= 0;

    public static bool operator >=(TaxPeriod left, TaxPeriod right) => left.CompareTo(right) >= 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Year:0000}-Q{Quarter}");
}
