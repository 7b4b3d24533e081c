using FleetMonitor.Fleet;
using FleetMonitor.Levy;
using Xunit;
using static FleetMonitor.Tests.Levy.LevyBooks;

namespace FleetMonitor.Tests.Levy;

public class TaxPeriodTests
{
    [Theory]
    [InlineData("2026-01-01", "2026-Q1")]
    [InlineData("2026-03-31", "2026-Q1")]
    [InlineData("2026-04-01", "2026-Q2")]
    [InlineData("2026-09-30", "2026-Q3")]
    [InlineData("2026-12-31", "2026-Q4")]
    public void Day_OfAYear_BelongsToItsQuarter(string day, string period) =>
        Assert.Equal(period, TaxPeriod.Of(Day(day)).ToString());

    [Fact]
    public void Period_FromItsName_KnowsItsDays()
    {
        TaxPeriod period = TaxPeriod.Parse("2026-Q4");

        Assert.Equal((Day("2026-10-01"), Day("2026-12-31"), Day("2027-01-01")), (period.FirstDay, period.LastDay, period.End));
        Assert.Equal("2027-Q1", period.Next.ToString());
        Assert.Equal("2026-Q3", period.Previous.ToString());
    }

    [Theory]
    [InlineData("2026-Q5")]
    [InlineData("2026-Q0")]
    [InlineData("2026Q4")]
    [InlineData("2026-q4")]
    [InlineData("0000-Q1")]
    [InlineData("+026-Q1")]
    [InlineData("")]
    [InlineData(null)]
    public void Text_ThatIsNoPeriod_IsRefused(string? text) => Assert.False(TaxPeriod.TryParse(text, out _));

    // Almaty set its clocks back by one hour at the end of February 2024: 91 days and an hour. Aqtobe did not.
    [Theory]
    [InlineData("Asia/Almaty", "2024-Q1", 2185)]
    [InlineData("Asia/Qostanay", "2024-Q1", 2185)]
    [InlineData("Asia/Aqtobe", "2024-Q1", 2184)]
    [InlineData("Asia/Almaty", "2026-Q4", 2208)]
    public void Hours_OfAPeriod_CountTheClockChange(string zone, string period, int hours) =>
        Assert.Equal(
            hours, TaxPeriod.Parse(period).Duration(DayCalendar.Of(TimeZoneInfo.FindSystemTimeZoneById(zone))).TotalHours);

    // 15 and 25 of the second month after; 2022: payment on the 20th of the month after, nothing declared.
    [Theory]
    [InlineData("2022-Q1", null, "2022-04-20")]
    [InlineData("2022-Q4", null, "2023-01-20")]
    [InlineData("2023-Q1", "2023-05-15", "2023-05-25")]
    [InlineData("2023-Q2", "2023-08-15", "2023-08-25")]
    [InlineData("2023-Q3", "2023-11-15", "2023-11-27")] // 25 November 2023 is a Saturday
    [InlineData("2025-Q3", "2025-11-17", "2025-11-25")] // 15 November 2025 is a Saturday
    [InlineData("2025-Q4", "2026-02-16", "2026-02-25")] // 15 February 2026 is a Sunday
    [InlineData("2026-Q4", "2027-02-15", "2027-02-25")]
    public void Deadlines_OfAPeriod_MoveToAWorkedDay(string period, string? declaration, string payment)
    {
        Deadlines? deadlines = Deadlines.Of(Law.Levy, TaxPeriod.Parse(period), Law.Calendar);

        Assert.Equal(declaration is null ? null : Day(declaration), deadlines!.Declaration);
        Assert.Equal(Day(payment), deadlines.Payment);
    }

    /// <summary>The list of holidays is whole through 2026: what is due in 2027 may move. 15 and 25 February 2027 are a Monday and a Thursday.</summary>
    [Theory]
    [InlineData("2026-Q3", "2026-11-16", "2026-11-25", false)]
    [InlineData("2026-Q4", "2027-02-15", "2027-02-25", true)]
    [InlineData("2027-Q1", "2027-05-17", "2027-05-25", true)]
    public void Deadlines_BeyondTheListOfHolidays_AreProvisional(string period, string declaration, string payment, bool provisional) => Assert.Equal(
        new Deadlines(Day(declaration), Day(payment), "Tax Code (2026)", provisional), Deadlines.Of(Law.Levy, TaxPeriod.Parse(period), Law.Calendar));

    [Fact]
    public void Deadlines_ByAListThatClaimsNoEnd_AreFinal() =>
        Assert.False(Deadlines.Of(Law.Levy, TaxPeriod.Parse("2031-Q4"), Law.Calendar with { ConfirmedThrough = null })!.Provisional);

    [Fact]
    public void Holidays_Of2027_AreTheFixedOnesAndTheDaysTheyAreCarriedOverTo() => Assert.Equal(
        ["01-01", "01-02", "01-04", "01-07", "03-08", "03-21", "03-22", "03-23", "03-24", "05-01", "05-03", "05-07", "05-09", "05-10", "07-06", "08-30", "10-25", "12-16"],
        Law.Calendar.Holidays.Keys.Where(day => day.Year == 2027).Order().Select(day => day.ToString("MM-dd", System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public void Deadlines_BeforeTheFee_AreNone() =>
        Assert.Null(Deadlines.Of(Law.Levy, TaxPeriod.Parse("2021-Q4"), Law.Calendar));

    [Fact]
    public void Deadline_OnAHolidayBeforeAWeekend_MovesPastBoth()
    {
        // 2024: 21 and 22 March are Thursday and Friday, the 23rd falls on a Saturday and is carried over to Monday the 25th.
        Assert.Equal(Day("2024-03-26"), Law.Calendar.OnOrAfter(Day("2024-03-21")));
    }
}
