using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Service.Books;

/// <summary>
/// The books as they stood at one moment: what the ledger's checkpoints hold, and what has come since. One thread at a time; dispose of it
/// soon, since the ledger keeps what it needs meanwhile.
/// </summary>
internal sealed class BooksView : IDisposable
{
    private readonly IReadOnlyList<DeviceDay> _since;
    /// <summary>What levies are summed from, but for device-days: of these there are so many that they are looked at where they are read.</summary>
    private static readonly string[] Billed = ["account_day", "device", "filing", "filed_source", "posting", "posting_page", "state"];

    private ShardSet? _shards;
    private bool _daysAreChecked = true;
    private bool _accountsFollow = true;

    public BooksView(LedgerReader ledger, IReadOnlyList<DeviceDay> since, FleetSnapshot fleet, RateSchedule schedule)
    {
        Ledger = ledger;
        _since = since;
        Fleet = fleet;
        Schedule = schedule;
    }

    public LedgerReader Ledger { get; }

    public FleetSnapshot Fleet { get; }

    public RateSchedule Schedule { get; }

    public IReadOnlyList<LastReading> LastReadings { get; private init; } = [];

    /// <summary>Opens the ledger beside the service that writes it, or without any, and folds in what is not in a checkpoint yet.</summary>
    /// <exception cref="LedgerException">There is no ledger, or what is billed from it is damaged.</exception>
    /// <remarks>
    /// The fleet file may have changed since the service ran last: then tenants and what is billed follow the file, out of the device-days, until
    /// the service has summed its accounts anew. What was metered stays as it was metered: only the service meters again.
    /// </remarks>
    public static BooksView OpenReadOnly(Settings settings, SiteFiles files, Instant now)
    {
        LedgerReader ledger = LedgerReader.Open(new LedgerFiles(settings.Ledger.Directory));
        try
        {
            ledger.RefuseDamage(Billed);
            var fleet = new FleetState(files.Fleet, settings.Fleet.DefaultTimeZone);
            var shards = new ShardSet(
                shards: 1,
                settings.Ledger.BlockReadings,
                fleet,
                settings.Metering,
                settings.Anomalies,
                files.Schedule,
                ledger.BlocksFrom,
                now);
            shards.Recover(ledger);
            return new BooksView(ledger, shards.Overlay(), fleet.Current, files.Schedule)
            {
                LastReadings = shards.LastReadings(),
                _shards = shards,
                _daysAreChecked = false,
                _accountsFollow = !fleet.Current.HasFile
                    || ledger.State(LedgerWriter.AccountFacts) is { } facts && facts.AsSpan().SequenceEqual(Accounts.FactsOf(fleet.Current)),
            };
        }
        catch
        {
            ledger.Dispose();
            throw;
        }
    }

    /// <summary>The books of the running pipeline, everything that was committed before the call included.</summary>
    public static Task<BooksView> OpenAsync(PipelineLoop loop, LedgerFiles files, FleetState fleet, RateSchedule schedule) =>
        loop.AskAsync(decider => new BooksView(LedgerReader.Open(files), decider.Shards.Overlay(), fleet.Current, schedule)
        {
            LastReadings = decider.Shards.LastReadings(),
        });

    /// <summary>Sites that the fleet lists, have reported, or have anything entered or filed, in order.</summary>
    public IReadOnlyList<string> KnownSites => [.. Fleet.Sites.Keys.Concat(Ledger.Sites()).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>What was metered, and what named persons entered by hand.</summary>
    public IReadOnlyList<TotalsRow> Totals(TotalsQuery query, string? site)
    {
        IEnumerable<Posting> byHand = Ledger.PostingsByHand(site, query.From, query.To);
        return query.Group.HasFlag(TotalsGroup.Device)
            ? LevyTotals.Compute(DeviceDays(query.FeedFrom, query.FeedTo, site), Fleet.Site, Schedule, query, byHand)
            : LevyTotals.Compute(SiteDays(query.FeedFrom, query.FeedTo, site), Fleet.Site, Schedule, query, byHand);
    }

    /// <summary>Device-days of local days <c>from ≤ day &lt; to</c>; one device and day may come twice, and counts as the sum.</summary>
    /// <exception cref="LedgerCorruptException">Opened read-only, where no start has looked at them: one is not as it was written.</exception>
    public IEnumerable<DeviceDay> DeviceDays(DateOnly? from, DateOnly? to, string? site)
    {
        if (!_daysAreChecked)
        {
            Ledger.RefuseDamage("device_day");
            _daysAreChecked = true;
        }

        return Ledger.DeviceDays(from, to, site).Concat(Since(from, to, site));
    }

    /// <summary>The same, summed to what site-level totals need.</summary>
    public IEnumerable<SiteDay> SiteDays(DateOnly? from, DateOnly? to, string? site) => !_accountsFollow
        ? Billing.RollUp(DeviceDays(from, to, site), Fleet.Site)
        : Ledger.AccountDays(from, to, site)
        .Select(row => Accounts.SiteDay(row.Account, row.Day, row.Energy))
        .Concat(Since(from, to, site).Select(day =>
            Accounts.SiteDay(Accounts.Of(Fleet.Site(day.Key.Site), day.Key, day.Day), day.Day, day.Energy)));

    /// <summary>
    /// A device's kept readings, from the block that covers an instant to the newest; none where the device is not known. Only of a view that
    /// was opened read-only: the running pipeline's devices do not stand still.
    /// </summary>
    public IEnumerable<Reading> Readings(DeviceKey key, Instant from) => _shards!.Find(key) is { } device
        ? [.. device.KeptFrom(from, Ledger.BlocksFrom(device.Id, from)).SelectMany(block => block.Readings), .. device.Meter.Buffered()]
        : [];

    /// <summary>What stays of a device's readings of a local day that were let go.</summary>
    public IReadOnlyList<DeviceHour> Hours(DeviceKey key, DateOnly day) => Ledger.IdOf(key) is { } id
        ? Ledger.Hours(id, day, day.AddDays(1)).Select(row => row.Hours).FirstOrDefault() ?? []
        : [];

    public void Dispose() => Ledger.Dispose();

    private IEnumerable<DeviceDay> Since(DateOnly? from, DateOnly? to, string? site) => _since.Where(day =>
        (site is null || day.Key.Site == site) && (from is not { } first || day.Day >= first) && (to is not { } end || day.Day < end));
}
