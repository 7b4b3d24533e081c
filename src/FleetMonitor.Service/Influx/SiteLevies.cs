using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Service.Books;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Influx;

/// <summary>What the levy of each site stands at, as the books are now, on the local day of a window and in its tax period.</summary>
internal delegate IReadOnlyDictionary<string, SiteLevy> SiteLevies(Instant window, IReadOnlyCollection<string> sites, ShardSet shards);

/// <summary>The levy of sites from the ledger and what has come since its checkpoints.</summary>
internal sealed class LedgerLevies(LedgerFiles files)
{
    public IReadOnlyDictionary<string, SiteLevy> At(Instant window, IReadOnlyCollection<string> sites, ShardSet shards)
    {
        FleetSnapshot fleet = shards.Fleet.Current;
        var days = sites.ToDictionary(
            site => site,
            site => DayCalendar.Of(fleet.Site(site)?.TimeZone ?? shards.Fleet.DefaultTimeZone).DateOf(window),
            StringComparer.Ordinal);
        var query = new TotalsQuery
        {
            From = days.Values.Min(TaxPeriod.Of).FirstDay,
            To = days.Values.Max().AddDays(1),
            Group = TotalsGroup.Day,
        };
        using var books = new BooksView(LedgerReader.Open(files), shards.Overlay(), fleet, shards.Schedule);
        ILookup<string, TotalsRow> rows = books.Totals(query, site: null).ToLookup(row => row.Site, StringComparer.Ordinal);
        return days.ToDictionary(
            pair => pair.Key,
            pair => new SiteLevy(
                Amount(rows[pair.Key].Where(row => row.Day == pair.Value)),
                Amount(rows[pair.Key].Where(row => row.Period == TaxPeriod.Of(pair.Value)))),
            StringComparer.Ordinal);
    }

    private static decimal? Amount(IEnumerable<TotalsRow> rows)
    {
        decimal sum = 0;
        foreach (TotalsRow row in rows)
        {
            if (row.Amount is not { } amount)
            {
                return null;
            }

            sum += amount.Amount;
        }

        return sum;
    }
}
