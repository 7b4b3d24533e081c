using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Service.Books;

namespace FleetMonitor.Service.Http;

/// <summary>One site's tax period as the books have it now.</summary>
internal sealed record PeriodNow(Site Site, TaxPeriod Period, PeriodState State, Statement Draft, string Currency);

/// <summary>Statements as they would be filed now.</summary>
internal static class Periods
{
    /// <summary>Each period of a site that has energy, and the running one, newest first.</summary>
    public static IEnumerable<PeriodNow> Of(BooksView books, Site site, Instant now)
    {
        SiteDay[] days = [.. books.SiteDays(null, null, site.Id)];
        TaxPeriod running = TaxPeriod.Of(DayCalendar.Of(site.TimeZone).DateOf(now));
        return days.Select(day => TaxPeriod.Of(day.Day)).Append(running).Distinct().OrderDescending()
            .Select(period => Of(books, site, period, days, now, gaps: false));
    }

    /// <summary>One period, with the gaps that its statement lists.</summary>
    public static PeriodNow Of(BooksView books, Site site, TaxPeriod period, Instant now) =>
        Of(books, site, period, [.. books.SiteDays(period.FirstDay, period.End, site.Id)], now, gaps: true);

    private static PeriodNow Of(BooksView books, Site site, TaxPeriod period, SiteDay[] days, Instant now, bool gaps)
    {
        DayCalendar calendar = DayCalendar.Of(site.TimeZone);
        Statement draft = StatementDraft.Make(new StatementInputs
        {
            Site = site,
            Period = period,
            Schedule = books.Schedule,
            Books = days,
            Gaps = gaps
                ?
                [
                    .. books.Ledger.Gaps(site.Id, calendar.StartOf(period.FirstDay), calendar.StartOf(period.End))
                        .Select(gap => new StatementGap(gap.Key.Device, gap.Gap.From, gap.Gap.To)),
                ]
                : [],
            Head = PostingHead.Genesis,
        });
        return new PeriodNow(site, period, PeriodStates.Of(period, calendar.DateOf(now), filed: false, amended: false), draft, books.Schedule.Levy.Currency);
    }
}
