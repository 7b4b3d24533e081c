using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Metering;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Influx;

/// <summary>
/// Makes device and site points again from kept readings: the same lines as the first time. What is no function of readings alone (a site's
/// counts by state, its levy at the time, anomalies) is not made again; the store keeps what it has of it.
/// </summary>
internal sealed class Refill
{
    private readonly ShardSet _shards;
    private readonly LedgerReader _ledger;
    private readonly MeteringOptions _metering;
    private readonly Instant _settled;

    /// <param name="ledger">One moment of the ledger, beside the service that writes it or without any.</param>
    /// <exception cref="LedgerException">The ledger is damaged.</exception>
    public Refill(Settings settings, SiteFiles files, LedgerReader ledger, Instant now)
    {
        _ledger = ledger;
        _metering = settings.Metering;
        // One shard: a reader of the ledger is for one thread.
        _shards = new ShardSet(
            1,
            settings.Ledger.BlockReadings,
            new FleetState(files.Fleet, settings.Fleet.DefaultTimeZone),
            settings.Metering,
            settings.Anomalies,
            files.Schedule,
            ledger.BlocksFrom,
            now);
        _shards.Recover(ledger);
        _settled = DeviceWindow.StartOf(now.Minus(_metering.ReorderWindow), _metering.Window);
        foreach (Shard shard in _shards.Shards)
        {
            // The running service settles what silent devices sent last as time passes; so does this copy.
            shard.Tick(now, _shards.LastSequence + 1);
        }
    }

    /// <summary>Lines of all windows that begin in local days <c>from ≤ day &lt; to</c> of their site.</summary>
    /// <param name="to">Null for up to now.</param>
    /// <param name="site">Null for all.</param>
    public IEnumerable<byte[]> Lines(DateOnly from, DateOnly? to, string? site)
    {
        var sums = new SortedDictionary<string, KeptSums>(StringComparer.Ordinal);
        var lines = new LineWriter();
        foreach (TrackedDevice device in _shards.Devices.Where(device => site is null || device.Key.Site == site))
        {
            Site? facts = _shards.Fleet.Current.Site(device.Key.Site);
            (Instant first, Instant end) = Range(from, to, facts);
            KeptSums sum = sums.TryGetValue(device.Key.Site, out KeptSums? known) ? known : sums[device.Key.Site] = new KeptSums();
            sum.Add(_ledger.HoursStand(device.Id));
            foreach (DeviceWindow window in KeptWindows.Of(device, _ledger.BlocksFrom, first, end))
            {
                Points.Device(lines, device.Key, device.Watched.Role, window);
                sum.Add(window.Start, WindowShare.Of(window, facts, device.Key.Device));
                if (lines.Lines == OutboxSender.BatchLines)
                {
                    yield return Taken(lines);
                }
            }
        }

        foreach ((string id, Instant window, SiteSums sum) in sums.SelectMany(site => site.Value.Whole.Select(sum => (site.Key, sum.Key, sum.Value))))
        {
            Points.Site(lines, id, window, sum);
            if (lines.Lines == OutboxSender.BatchLines)
            {
                yield return Taken(lines);
            }
        }

        if (lines.Lines > 0)
        {
            yield return Taken(lines);
        }
    }

    private (Instant First, Instant End) Range(DateOnly from, DateOnly? to, Site? site)
    {
        DayCalendar days = DayCalendar.Of(site?.TimeZone ?? _shards.Fleet.DefaultTimeZone);
        Instant first = DeviceWindow.StartOf(days.StartOf(from), _metering.Window);
        Instant end = to is { } day && days.StartOf(day) < _settled ? days.StartOf(day) : _settled;
        return (first, end);
    }

    private static byte[] Taken(LineWriter lines)
    {
        byte[] taken = lines.Written.ToArray();
        lines.Clear();
        return taken;
    }
}
