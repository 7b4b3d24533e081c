using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Service.Books;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Finance;

/// <summary>All tax periods that the books hold, out of one view of them.</summary>
internal sealed class PeriodBooks
{
    private readonly BooksView _books;
    private readonly Instant _now;
    private readonly PostingHead _head;
    private readonly ILookup<(string Site, TaxPeriod Period), Filing> _filings;

    public PeriodBooks(BooksView books, Instant now)
    {
        _books = books;
        _now = now;
        _head = books.Ledger.PostingHead();
        _filings = books.Ledger.Filings().ToLookup(filing => (filing.Site, filing.Period));
    }

    public RateSchedule Schedule => _books.Schedule;

    /// <summary>Sites of the fleet, and those that have books though the fleet file no longer lists them.</summary>
    public IReadOnlyList<Site> Sites =>
    [
        .. _books.Fleet.Sites.Values
            .Concat(_books.Ledger.FirstDays().Keys.Where(id => _books.Fleet.Site(id) is null).Select(Forgotten))
            .OrderBy(site => site.Id, StringComparer.Ordinal),
    ];

    /// <summary>From the first period with books, or with anything filed, to the running one.</summary>
    public IReadOnlyList<PeriodBook> Of(Site site)
    {
        ILookup<TaxPeriod, SiteDay> days = _books.SiteDays(null, null, site.Id).ToLookup(day => TaxPeriod.Of(day.Day));
        ILookup<TaxPeriod, Posting> byHand = _books.Ledger.PostingsByHand(site.Id, null, null).ToLookup(posting => posting.Entry.Period);
        TaxPeriod[] known =
        [
            .. days.Select(period => period.Key), .. byHand.Select(period => period.Key),
            .. _filings.Where(filing => filing.Key.Site == site.Id).Select(filing => filing.Key.Period),
        ];
        var books = new List<PeriodBook>();
        TaxPeriod last = TaxPeriod.Of(Today(site));
        for (TaxPeriod period = known.Append(last).Min(); period <= known.Append(last).Max(); period = period.Next)
        {
            books.Add(Of(site, period, [.. days[period]], [.. byHand[period]]));
        }

        return books;
    }

    public PeriodBook Of(Site site, TaxPeriod period) => Of(
        site,
        period,
        [.. _books.SiteDays(period.FirstDay, period.End, site.Id)],
        [.. _books.Ledger.PostingsByHand(site.Id, period.FirstDay, period.End)]);

    public FiledInputs FiledInputs => new(_books.Ledger);

    /// <summary>What a statement of the period would be made of now.</summary>
    public StatementInputs Inputs(Site site, TaxPeriod period) => Inputs(
        site,
        period,
        [.. _books.SiteDays(period.FirstDay, period.End, site.Id)],
        [.. _books.Ledger.PostingsByHand(site.Id, period.FirstDay, period.End)]);

    private StatementInputs Inputs(Site site, TaxPeriod period, IReadOnlyList<SiteDay> days, IReadOnlyList<Posting> byHand) => new()
    {
        Site = site,
        Period = period,
        Schedule = Schedule,
        Books = days,
        Postings = byHand,
        Gaps = Gaps(site, period, _books.Ledger, _books.LastReadings, _now),
        Head = _head,
        FleetHash = site.SelfRegistered ? null : _books.Fleet.SourceHash,
    };

    private PeriodBook Of(Site site, TaxPeriod period, IReadOnlyList<SiteDay> days, IReadOnlyList<Posting> byHand)
    {
        Statement now = StatementDraft.Make(Inputs(site, period, days, byHand));
        FiledReturn? filed = FiledReturn.Of([.. _filings[(site.Id, period)]]);
        Amendment? pending = filed?.Against(now);
        PeriodState state = PeriodStates.Of(period, Today(site), filed is not null, pending is not null || filed?.Amendments.Count > 0);
        return new PeriodBook(site, period, state, Schedule.Levy, now, filed, pending);
    }

    /// <summary>
    /// What is not known of billed devices in a period: gaps between readings, and silence from a device's newest reading to the period's end.
    /// </summary>
    public static IReadOnlyList<StatementGap> Gaps(
        Site site, TaxPeriod period, LedgerReader ledger, IEnumerable<LastReading> lastReadings, Instant now)
    {
        DayCalendar calendar = DayCalendar.Of(site.TimeZone);
        Instant from = calendar.StartOf(period.FirstDay);
        Instant to = calendar.StartOf(period.End);
        IEnumerable<StatementGap> between = ledger.Gaps(site.Id, from, to)
            .Where(gap => IsBilled(gap.Key))
            .Select(gap => new StatementGap(gap.Key.Device, gap.Gap.From < from ? from : gap.Gap.From, gap.Gap.To > to ? to : gap.Gap.To));
        IEnumerable<StatementGap> silent = lastReadings
            .Where(last => now >= to && last.At >= from && last.At.Plus(last.MaxGap) < to && IsBilled(last.Key))
            .Select(last => new StatementGap(last.Key.Device, last.At, to));
        return [.. between.Concat(silent).OrderBy(gap => gap.Device, StringComparer.Ordinal).ThenBy(gap => gap.From)];

        bool IsBilled(DeviceKey key) => key.Site == site.Id && Billing.ClassOf(site, key.Device) == Billing.Billed(site);
    }

    /// <summary>A site that has books though the fleet file no longer lists it.</summary>
    public static Site Forgotten(string id) => new() { Id = id, TimeZone = TimeZoneInfo.Utc, SelfRegistered = true };

    private DateOnly Today(Site site) => DayCalendar.Of(site.TimeZone).DateOf(_now);
}
