using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using Xunit;

namespace FleetMonitor.Tests.Fleet;

public sealed class DayCalendarTests
{
    [Theory]
    // Almaty went from UTC+6 to UTC+5 at the midnight that began 2024-03-01: 23:00-24:00 of 29 February came twice.
    [InlineData("Asia/Almaty", "2024-02-29", "2024-02-28T18:00:00Z", 25)]
    [InlineData("Asia/Almaty", "2024-03-01", "2024-02-29T19:00:00Z", 24)]
    [InlineData("Asia/Almaty", "2024-01-01", "2023-12-31T18:00:00Z", 24)]
    [InlineData("Asia/Qyzylorda", "2018-12-20", "2018-12-19T18:00:00Z", 25)]
    [InlineData("Asia/Qyzylorda", "2018-12-21", "2018-12-20T19:00:00Z", 24)]
    [InlineData("Asia/Aqtobe", "2024-03-01", "2024-02-29T19:00:00Z", 24)]
    // Daylight saving in the small hours.
    [InlineData("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z", 23)]
    [InlineData("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z", 25)]
    // Midnight is skipped: the clock goes from 24:00 to 01:00, and the day starts there.
    [InlineData("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", 23)]
    [InlineData("Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00Z", 23)]
    // Midnight comes twice: at 01:00 the clock went back to 00:00 of the same day, which started at the first.
    [InlineData("America/Havana", "2024-11-03", "2024-11-03T04:00:00Z", 25)]
    // A date that was left out: Samoa crossed the date line.
    [InlineData("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z", 24)]
    [InlineData("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", 0)]
    [InlineData("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", 24)]
    public void Day_OfAZone_StartsAndLastsAsItsClockShows(string zone, string date, string start, int hours)
    {
        DayCalendar calendar = Calendar(zone);
        DateOnly day = DateOnly.ParseExact(date, "yyyy-MM-dd", null);

        Assert.Equal(At(start), calendar.StartOf(day));
        Assert.Equal(TimeSpan.FromHours(hours), calendar.StartOf(day.AddDays(1)) - calendar.StartOf(day));
    }

    [Theory]
    // Almaty: 2023-12-31T18:00Z to 2024-03-31T19:00Z.
    [InlineData("Asia/Almaty", 2185)]
    [InlineData("Asia/Aqtobe", 2184)]
    public void FirstQuarterOf2024_InKazakhstan_HasTheHoursOfItsZone(string zone, int hours)
    {
        DayCalendar calendar = Calendar(zone);

        TimeSpan quarter = calendar.StartOf(new DateOnly(2024, 4, 1)) - calendar.StartOf(new DateOnly(2024, 1, 1));

        Assert.Equal(hours, quarter.TotalHours);
    }

    [Theory]
    [InlineData("Asia/Almaty", "2024-02-29T17:59:59.999Z", "2024-02-29")]
    [InlineData("Asia/Almaty", "2024-02-29T18:59:59.999Z", "2024-02-29")]
    [InlineData("Asia/Almaty", "2024-02-29T19:00:00Z", "2024-03-01")]
    [InlineData("Asia/Almaty", "2026-09-30T18:59:59.999Z", "2026-09-30")]
    [InlineData("Asia/Almaty", "2026-09-30T19:00:00Z", "2026-10-01")]
    [InlineData("Pacific/Apia", "2011-12-30T09:59:59.999Z", "2011-12-29")]
    [InlineData("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31")]
    [InlineData("America/Sao_Paulo", "2018-11-04T02:59:59.999Z", "2018-11-03")]
    [InlineData("Asia/Almaty", "1969-12-31T23:00:00Z", "1970-01-01")]
    [InlineData("UTC", "1950-06-01T00:00:00Z", "1950-06-01")]
    [InlineData("UTC", "2300-06-01T23:59:59.999Z", "2300-06-01")]
    public void Date_OfAnInstant_IsTheLocalOne(string zone, string instant, string date) =>
        Assert.Equal(DateOnly.ParseExact(date, "yyyy-MM-dd", null), Calendar(zone).DateOf(At(instant)));

    [Theory]
    [InlineData("Asia/Almaty")]
    [InlineData("Europe/London")]
    [InlineData("America/Sao_Paulo")]
    [InlineData("Africa/Casablanca")]
    [InlineData("Australia/Lord_Howe")]
    [InlineData("Pacific/Apia")]
    public void Days_OfTwentyYears_FollowEachOtherWithoutGapOrOverlap(string zone)
    {
        DayCalendar calendar = Calendar(zone);
        for (DateOnly day = new(2008, 1, 1); day < new DateOnly(2028, 1, 1); day = day.AddDays(1))
        {
            Instant start = calendar.StartOf(day);
            Instant end = calendar.StartOf(day.AddDays(1));
            if (start == end)
            {
                continue;
            }

            Assert.Equal(day, calendar.DateOf(start));
            Assert.Equal(day, calendar.DateOf(new Instant(end.UnixMilliseconds - 1)));
            // The definition, checked at the start itself: the clock shows the date there, and showed an earlier one just before.
            Assert.Equal(day, Shown(calendar.Zone, start));
            Assert.True(Shown(calendar.Zone, new Instant(start.UnixMilliseconds - 1)) < day);
        }
    }

    [Theory]
    // 23:30 of 29 February happened at 17:30Z (UTC+6) and 18:30Z (UTC+5): the one nearer to the receive time was meant.
    [InlineData("Asia/Almaty", "2024-02-29T23:30:00", "2024-02-29T17:30:05Z", "2024-02-29T17:30:00Z")]
    [InlineData("Asia/Almaty", "2024-02-29T23:30:00", "2024-02-29T18:30:05Z", "2024-02-29T18:30:00Z")]
    [InlineData("Asia/Almaty", "2024-02-29T23:30:00", "2024-02-29T18:00:00.001Z", "2024-02-29T18:30:00Z")]
    [InlineData("Asia/Almaty", "2024-02-29T22:59:59.999", "2024-02-29T18:30:05Z", "2024-02-29T16:59:59.999Z")]
    [InlineData("Asia/Almaty", "2024-03-01T00:00:00", "2024-02-29T18:30:05Z", "2024-02-29T19:00:00Z")]
    [InlineData("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T00:40:00Z", "2026-10-25T00:30:00Z")]
    [InlineData("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T01:40:00Z", "2026-10-25T01:30:00Z")]
    // Skipped times: the offset before the change (UTC+1 in Berlin, UTC-3 in Sao Paulo, UTC+2 in Cairo).
    [InlineData("Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T01:30:00Z", "2026-03-29T01:30:00Z")]
    [InlineData("America/Sao_Paulo", "2018-11-04T00:30:00", "2018-11-04T03:30:00Z", "2018-11-04T03:30:00Z")]
    [InlineData("Africa/Cairo", "2024-04-26T00:30:00", "2024-04-25T22:30:00Z", "2024-04-25T22:30:00Z")]
    // Ordinary times, and floors to the millisecond.
    [InlineData("Asia/Almaty", "2026-01-01T05:00:00.9999999", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.999Z")]
    [InlineData("UTC", "0001-01-01T00:00:00", "2026-01-01T00:00:00Z", "0001-01-01T00:00:00Z")]
    public void LocalTime_IsTheInstantItsClockMeant(string zone, string local, string received, string expected)
    {
        var shown = DateTime.Parse(local, null, System.Globalization.DateTimeStyles.None);

        Assert.Equal(At(expected), Calendar(zone).ToInstant(shown, At(received)));
    }

    [Fact]
    public void Calendar_OfAZone_IsShared() =>
        Assert.Same(DayCalendar.Of(TimeZoneInfo.Utc), DayCalendar.Of(TimeZoneInfo.Utc));

    [Fact]
    public void TimeZoneData_Here_AreFit() => Assert.Null(TimeZoneData.Problem());

    [Fact]
    public void TimeZoneData_FromBefore2024_AreNoticed()
    {
        TimeZoneInfo stale = TimeZoneInfo.CreateCustomTimeZone("Asia/Almaty", TimeSpan.FromHours(6), null, null);

        Assert.Equal(
            "time-zone data are older than 2024: Asia/Almaty is at UTC+6 here and has been at UTC+5 since 2024-03-01; update the package tzdata",
            TimeZoneData.Problem(stale));
    }

    [Fact]
    public void TimeZoneData_Missing_AreNoticed() =>
        Assert.Equal("no time-zone data: Asia/Almaty is not known here; install the package tzdata", TimeZoneData.Problem(null));

    private static DayCalendar Calendar(string zone) => new(TimeZoneInfo.FindSystemTimeZoneById(zone));

    private static Instant At(string rfc3339) =>
        Instant.From(DateTimeOffset.Parse(rfc3339, null, System.Globalization.DateTimeStyles.AssumeUniversal));

    private static DateOnly Shown(TimeZoneInfo zone, Instant instant) =>
        DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant.ToDateTimeOffset(), zone).DateTime);
}
