using System.Globalization;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Finance;

/// <summary>
/// Whether a period has begun: by the clock, or by the data. Replayed data may be ahead of the clock, and old data far behind it; energy always
/// rests on a reading in or after its day.
/// </summary>
internal static class PeriodBegin
{
    /// <returns>Why it has not, in words; null where it has.</returns>
    public static string? NotYet(Site site, TaxPeriod period, Decider decider, Instant now)
    {
        DayCalendar calendar = DayCalendar.Of(site.TimeZone);
        DateOnly today = calendar.DateOf(now);
        Instant? newest = decider.Shards.LastReadings().Where(last => last.Key.Site == site.Id).Select(last => (Instant?)last.At).Max();
        DateOnly? read = newest is { } at ? calendar.DateOf(at) : null;
        return period.FirstDay <= today || period.FirstDay <= read ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"{period} begins on {period.FirstDay:yyyy-MM-dd}; today is {today:yyyy-MM-dd}, and {(read is { } day ? $"the newest reading is of {day:yyyy-MM-dd}" : "there are no readings")}");
    }
}
