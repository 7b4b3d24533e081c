using System.Buffers.Binary;
using System.Collections.ObjectModel;
using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Metering;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Influx;

/// <summary>
/// Makes points of device windows, site windows and anomalies, and puts them into the outbox with the commit that they come from. Lives on the
/// loop.
/// </summary>
internal sealed class InfluxProjection : IProjection
{
    /// <summary>Where the ledger keeps what site windows need to remember.</summary>
    public const string SiteWindowsKey = "influx-site-windows";

    /// <summary>Where the ledger counts points that left for want of room.</summary>
    public const string DroppedKey = "influx-dropped";

    /// <summary>Lines of one outbox entry, before packing: what is read back and sent in one piece.</summary>
    private const int EntryBytes = 512 * 1024;

    /// <summary>On top of the reorder window: a message may be a moment on its way, and one correction less is one point less.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly LineWriter _lines = new();
    private readonly List<OutboxEntry> _entries = [];
    private readonly HashSet<string> _sites = new(StringComparer.Ordinal);
    private readonly MeteringOptions _metering;
    private readonly ShardSet _shards;
    private readonly SiteLevies _levies;
    private int _devicesSeen;
    private Instant? _oldest;
    private Instant _anomalies;

    /// <param name="shards">Brought to where the ledger stands.</param>
    /// <param name="ledger">As the last process left it.</param>
    public InfluxProjection(ILedgerSnapshot ledger, SiteLevies levies, MeteringOptions metering, ShardSet shards, TimeProvider time)
    {
        (_levies, _metering, _shards) = (levies, metering, shards);
        Gauge = new OutboxGauge(time);
        (long entries, long bytes, Instant? oldest) = ledger.OutboxDepth();
        long dropped = ledger.State(DroppedKey) is { } count ? BinaryPrimitives.ReadInt64LittleEndian(count) : 0;
        Gauge.Start(entries, bytes, oldest, dropped);
        SiteWindows = new SiteWindows(metering.Window);
        if (ledger.State(SiteWindowsKey) is { } saved)
        {
            SiteWindows.Restore(saved);
        }
    }

    public OutboxGauge Gauge { get; }

    public SiteWindows SiteWindows { get; }

    public void Add(TrackedDevice device, in DeviceWindow window)
    {
        Points.Device(_lines, device.Key, device.Watched.Role, window);
        Wrote(window.Start);
        Site? site = _shards.Fleet.Current.Site(device.Key.Site);
        SiteWindows.Add(device.Key.Site, device.Id, window.Start, WindowShare.Of(window, site, device.Key.Device));
    }

    public void Add(in AnomalyChange change)
    {
        // When it was raised says nothing of how long its point has waited.
        Points.Anomaly(_lines, change);
        _anomalies = change.Anomaly.Cleared ?? change.Anomaly.Raised;
    }

    public void Tick(Instant now, ShardSet shards)
    {
        for (; _devicesSeen < shards.Devices.Count; _devicesSeen++)
        {
            _sites.Add(shards.Devices[_devicesSeen].Key.Site);
        }

        Instant watermark = DeviceWindow.StartOf(now.Minus(_metering.ReorderWindow + Grace), _metering.Window).Minus(_metering.Window);
        (List<(Instant Window, string Site, SiteSums Sums)> sums, List<Instant> finished) = SiteWindows.Finish(watermark, _sites);
        foreach ((Instant window, string site, SiteSums sum) in sums)
        {
            AddSite(site, window, sum);
        }

        if (finished.Count > 0 && _sites.Count > 0)
        {
            AddStates(finished, shards);
        }
    }

    /// <summary>Adds a site's window that was summed again.</summary>
    public void AddSite(string site, Instant window, in SiteSums sums)
    {
        Points.Site(_lines, site, window, sums);
        Wrote(window);
    }

    public void Complete(LedgerCommit commit)
    {
        Cut();
        foreach (OutboxEntry entry in _entries)
        {
            commit.Outbox.Add(entry);
            Gauge.Entered(entry.Lines.Length, entry.Windows);
        }

        _entries.Clear();
        if (SiteWindows.Changed)
        {
            commit.State[SiteWindowsKey] = SiteWindows.Save();
        }
    }

    /// <summary>Points that the service gave up for want of room, for the commit that drops them.</summary>
    public static byte[] DroppedState(long points)
    {
        byte[] state = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(state, points);
        return state;
    }

    private void Wrote(Instant windows)
    {
        _oldest = _oldest is { } oldest && oldest < windows ? oldest : windows;
        if (_lines.Length >= EntryBytes)
        {
            Cut();
        }
    }

    private void Cut()
    {
        if (_lines.Lines > 0)
        {
            _entries.Add(new OutboxEntry(_oldest ?? _anomalies, _lines.Lines, OutboxLines.Pack(_lines.Written)));
        }

        _lines.Clear();
        _oldest = null;
    }

    private void AddStates(List<Instant> windows, ShardSet shards)
    {
        foreach (Instant window in windows)
        {
            Instant end = window.Plus(_metering.Window);
            Dictionary<string, int[]> counts = _sites.ToDictionary(site => site, _ => new int[5], StringComparer.Ordinal);
            foreach (TrackedDevice device in shards.Devices)
            {
                DeviceState state = device.Watch.StateAt(end, device.Watched, shards.WatchContextOf(device.Key.Site));
                counts[device.Key.Site][(int)state]++;
            }

            // The levy is as the books stand now; older windows that were finished late would get numbers of another day.
            IReadOnlyDictionary<string, SiteLevy> levy = window == windows[^1] ? _levies(window, _sites, shards) : ReadOnlyDictionary<string, SiteLevy>.Empty;
            foreach (string site in _sites.Order(StringComparer.Ordinal))
            {
                int[] count = counts[site];
                Points.SiteState(
                    _lines,
                    site,
                    window,
                    new StateCounts(
                        count[(int)DeviceState.Mining],
                        count[(int)DeviceState.Idle],
                        count[(int)DeviceState.Stale],
                        count[(int)DeviceState.Offline]),
                    levy.GetValueOrDefault(site));
                Wrote(window);
            }
        }
    }
}
