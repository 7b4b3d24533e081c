using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Service.Books;
using FleetMonitor.Service.Finance;
using FleetMonitor.Service.Hosting;

namespace FleetMonitor.Service.Http;

/// <summary>Energy and levy over some days. <see cref="Amount"/> leaves unrated energy out, which stands beside it.</summary>
internal sealed record LevySum(EnergyByQuality Energy, Energy Unrated, Money Amount)
{
    public static LevySum Zero(string currency) => new(EnergyByQuality.Zero, default, Money.Zero(currency));

    public static LevySum Of(IEnumerable<TotalsRow> rows, string currency) => rows.Aggregate(Zero(currency), (sum, row) => new LevySum(
        sum.Energy + row.Energy,
        row.PerKwh is null ? sum.Unrated + row.Energy.Total : sum.Unrated,
        row.Amount is { } amount ? sum.Amount + amount : sum.Amount));

    public static LevySum operator +(LevySum left, LevySum right) =>
        new(left.Energy + right.Energy, left.Unrated + right.Unrated, left.Amount + right.Amount);
}

/// <param name="Day">The site's local date.</param>
/// <param name="Rate">Of today; may be unrated.</param>
/// <param name="PeriodDays">What the sums are made of: the site's books of the whole period.</param>
/// <param name="ByHand">And what named persons entered.</param>
internal sealed record SiteLevy(
    string Site, DateOnly Day, TaxPeriod Period, RateLine Rate, LevySum Today, LevySum ThisPeriod, IReadOnlyList<SiteDay> PeriodDays,
    IReadOnlyList<Posting> ByHand);

/// <param name="Days">The books of all sites and days.</param>
/// <param name="Sites">By id: the sums of today and of the running period, of the sites that the fleet lists.</param>
/// <param name="Forgotten">The same of a site that it no longer lists.</param>
internal sealed record LevyNow(IReadOnlyList<SiteDay> Days, IReadOnlyDictionary<string, SiteLevy> Sites, Func<string, SiteLevy> Forgotten)
{
    public SiteLevy Of(string site) => Sites.GetValueOrDefault(site) ?? Forgotten(site);
}

/// <summary>Energy and levy of today and of the running tax period, for everybody who watches. What each reading adds is in it at once.</summary>
internal sealed class LevyView
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    private readonly ServiceContext _context;
    private readonly Cached<LevyNow> _now;

    public LevyView(ServiceContext context)
    {
        _context = context;
        _now = new Cached<LevyNow>(SumAsync, Least, context.Time);
    }

    public Task<LevyNow> NowAsync() => _now.GetAsync();

    private async Task<LevyNow> SumAsync()
    {
        var now = Instant.From(_context.Time.GetUtcNow());
        using BooksView books = await _context.OpenBooksAsync();
        RateSchedule schedule = books.Schedule;
        SiteDay[] days = [.. books.SiteDays(null, null, null)];
        ILookup<string, SiteDay> bySite = days.ToLookup(day => day.Site);
        ILookup<string, Posting> byHand = books.Ledger.PostingsByHand(null, null, null).ToLookup(posting => posting.Entry.Site);
        return new LevyNow(
            days,
            books.Fleet.Sites.Values.ToDictionary(
                site => site.Id, site => Of(site, bySite[site.Id], [.. byHand[site.Id]], schedule, now), StringComparer.Ordinal),
            id => Of(PeriodBooks.Forgotten(id), bySite[id], [.. byHand[id]], schedule, now));
    }

    private static SiteLevy Of(Site site, IEnumerable<SiteDay> days, IReadOnlyList<Posting> byHand, RateSchedule schedule, Instant now)
    {
        DateOnly today = DayCalendar.Of(site.TimeZone).DateOf(now);
        TaxPeriod period = TaxPeriod.Of(today);
        SiteDay[] books = [.. days.Where(day => period.Contains(day.Day))];
        return new SiteLevy(
            site.Id,
            today,
            period,
            schedule.Rate(site, today),
            Sum(new TotalsQuery { From = today, To = today.AddDays(1) }),
            Sum(new TotalsQuery { From = period.FirstDay, To = period.End }),
            books,
            byHand);

        LevySum Sum(TotalsQuery query) => LevySum.Of(LevyTotals.Compute(books, _ => site, schedule, query, byHand), schedule.Levy.Currency);
    }
}
