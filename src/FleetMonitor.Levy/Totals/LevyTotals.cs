using FleetMonitor.Fleet;

namespace FleetMonitor.Levy;

/// <summary>
/// Accrued totals out of the books: the same rows for the same set of device-days, in whatever order they come, and whether they come
/// one by one or rolled up.
/// </summary>
public static class LevyTotals
{
    /// <param name="days">
    /// The books from <see cref="TotalsQuery.FeedFrom"/> to <see cref="TotalsQuery.FeedTo"/>, enumerated once; at most one entry per device
    /// and day is usual, more are summed.
    /// </param>
    /// <param name="sites">What is known of a site; null for one that registered itself.</param>
    /// <param name="byHand">Manual adjustments; what is no manual energy is left out.</param>
    public static IReadOnlyList<TotalsRow> Compute(
        IEnumerable<DeviceDay> days, Func<string, Site?> sites, RateSchedule schedule, TotalsQuery query, IEnumerable<Posting>? byHand = null)
    {
        var books = new Dictionary<string, SiteBooks>();
        SiteBooks? book = null;
        foreach (DeviceDay day in days)
        {
            book = Book(books, book, day.Key.Site, sites, schedule, query);
            book.Add(day);
        }

        foreach (PostingDraft entry in Manual(byHand))
        {
            book = Book(books, book, entry.Site, sites, schedule, query);
            book.AddByHand(entry);
        }

        return Rows(books);
    }

    /// <param name="rollup">The same books as site-days.</param>
    /// <param name="sites">What is known of a site; null for one that registered itself.</param>
    /// <param name="byHand">Manual adjustments; what is no manual energy is left out.</param>
    /// <exception cref="ArgumentException">The query splits by device, which site-days no longer hold.</exception>
    public static IReadOnlyList<TotalsRow> Compute(
        IEnumerable<SiteDay> rollup, Func<string, Site?> sites, RateSchedule schedule, TotalsQuery query, IEnumerable<Posting>? byHand = null)
    {
        if (query.Group.HasFlag(TotalsGroup.Device))
        {
            throw new ArgumentException("Site-days cannot be split by device; feed device-days.", nameof(query));
        }

        var books = new Dictionary<string, SiteBooks>();
        SiteBooks? book = null;
        foreach (SiteDay day in rollup)
        {
            book = Book(books, book, day.Site, sites, schedule, query);
            book.Add(day);
        }

        foreach (PostingDraft entry in Manual(byHand))
        {
            book = Book(books, book, entry.Site, sites, schedule, query);
            book.AddByHand(entry);
        }

        return Rows(books);
    }

    private static IEnumerable<PostingDraft> Manual(IEnumerable<Posting>? byHand) =>
        byHand?.Select(posting => posting.Entry).Where(entry => entry.Kind == PostingKind.Manual) ?? [];

    private static SiteBooks Book(
        Dictionary<string, SiteBooks> books, SiteBooks? last, string site, Func<string, Site?> sites, RateSchedule schedule, TotalsQuery query)
    {
        if (last?.Id == site)
        {
            return last;
        }

        if (!books.TryGetValue(site, out SiteBooks? book))
        {
            book = new SiteBooks(site, sites(site), schedule.Levy, query);
            books.Add(site, book);
        }

        return book;
    }

    private static List<TotalsRow> Rows(Dictionary<string, SiteBooks> books)
    {
        var rows = new List<TotalsRow>();
        foreach (SiteBooks book in books.Values.OrderBy(book => book.Id, StringComparer.Ordinal))
        {
            rows.AddRange(book.Rows());
        }

        return rows;
    }
}
