using System.Globalization;
using FleetMonitor.Fleet.Units;
using Xunit;

namespace FleetMonitor.Simulation.Model;

public class LocalDaysTests
{
    /// <summary>The last of these left out a date: Samoa went from 29 to 31 December 2011.</summary>
    [Theory]
    [InlineData("UTC", "2026-07-01", "2026-07-01T00:00:00.000Z")]
    [InlineData("Asia/Almaty", "2024-02-29", "2024-02-28T18:00:00.000Z")]
    [InlineData("Asia/Almaty", "2024-03-01", "2024-02-29T19:00:00.000Z")]
    [InlineData("Asia/Almaty", "2024-03-02", "2024-03-01T19:00:00.000Z")]
    [InlineData("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00.000Z")]
    [InlineData("America/Sao_Paulo", "2018-11-05", "2018-11-05T02:00:00.000Z")]
    [InlineData("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00:00.000Z")]
    [InlineData("Australia/Lord_Howe", "2026-04-06", "2026-04-05T13:30:00.000Z")]
    [InlineData("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00.000Z")]
    public void Date_InAZone_StartsAtItsFirstInstant(string zone, string date, string expected)
    {
        LocalDays calendar = new(TimeZoneInfo.FindSystemTimeZoneById(zone));
        DateOnly day = DateOnly.Parse(date, CultureInfo.InvariantCulture);
        Instant start = calendar.StartOf(day);

        Assert.Equal(expected, start.ToString());
        Assert.Equal(day, calendar.DateOf(start));
        Assert.True(calendar.DateOf(new Instant(start.UnixMilliseconds - 1)) < day);
    }
}
