using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Encoding;
using FleetMonitor.Metering;

namespace FleetMonitor.Service.Influx;

/// <summary>A site's hour in which windows have to be summed again from kept readings.</summary>
internal readonly record struct SiteHour(string Site, Instant Start)
{
    public static readonly TimeSpan Length = TimeSpan.FromHours(1);

    public static SiteHour Of(string site, Instant window) => new(site, DeviceWindow.StartOf(window, Length));
}

/// <summary>
/// Sums device windows to site windows. Those of the present are summed here, from the shares that the devices' windows bring:
/// <code>
///    … hours made again from kept readings …  │ finished, corrected here │ unfinished
///                                             ▲ Watermark - Kept         ▲ Watermark
/// </code>
/// A share that comes for an older window marks its hour, and the hour's windows are made again in the background
/// (<see cref="SiteWindowRemaker"/>). So are the windows that were unfinished when the service last stopped, as their shares were only here: those
/// from the watermark on or, where no window was finished yet, those of the hours that were saved for it. What must outlive a stop is in
/// <see cref="Save"/>, committed with the points it speaks of.
/// </summary>
internal sealed class SiteWindows(TimeSpan length)
{
    /// <summary>Finished windows whose shares are kept at hand for corrections.</summary>
    private const int Kept = 3;
    private const byte Version = 1;
    private static readonly Instant Never = new(long.MinValue);

    private readonly SortedDictionary<Instant, Dictionary<string, Dictionary<int, WindowShare>>> _windows = new(Comparer<Instant>.Default);
    private readonly HashSet<(Instant Window, string Site)> _corrected = [];
    private readonly Dictionary<SiteHour, long> _hours = [];
    private Instant _newest = Never;
    private Instant _lost = Never;
    private Instant _watermarkBefore = Never;
    private bool _lostIsMarked = true;
    private long _marks;

    /// <summary>The newest finished window; none before the first.</summary>
    public Instant? Watermark { get; private set; }

    /// <summary>True where <see cref="Save"/> differs from the last one.</summary>
    public bool Changed { get; private set; }

    /// <summary>The hours to make again, each with what it has to be dropped by; none while windows from before the last stop are unfinished.</summary>
    public IReadOnlyDictionary<SiteHour, long> Hours => Watermark >= _lost || _lost == Never ? _hours : [];

    /// <summary>The newest window whose sums are made from kept readings only.</summary>
    public Instant RemadeThrough => Watermark is { } watermark && watermark.Minus(length * Kept) is var old && old > _lost ? old : _lost;

    public void Restore(ReadOnlySpan<byte> saved)
    {
        var bytes = new ByteReader(saved);
        if (bytes.Byte() != Version)
        {
            throw new LedgerCorruptException("the state of site windows is of no version this program knows");
        }

        _watermarkBefore = new Instant(bytes.Signed());
        Watermark = _watermarkBefore == Never ? null : _watermarkBefore;
        _lost = _newest = new Instant(bytes.Signed());
        _lostIsMarked = _watermarkBefore == Never;
        for (int count = bytes.Count(); count > 0; count--)
        {
            _hours.Add(new SiteHour(bytes.Text(), new Instant(bytes.Signed())), ++_marks);
        }
    }

    public byte[] Save()
    {
        Changed = false;
        var bytes = new ByteWriter();
        bytes.Byte(Version);
        bytes.Signed((Watermark ?? Never).UnixMilliseconds);
        bytes.Signed(_newest.UnixMilliseconds);
        SiteHour[] hours = Watermark is null ? [.. _hours.Keys.Union(AtHand())] : [.. _hours.Keys];
        bytes.Unsigned((ulong)hours.Length);
        foreach (SiteHour hour in hours.OrderBy(hour => hour.Start.UnixMilliseconds).ThenBy(hour => hour.Site, StringComparer.Ordinal))
        {
            bytes.Text(hour.Site);
            bytes.Signed(hour.Start.UnixMilliseconds);
        }

        return bytes.ToArray();
    }

    public void Add(string site, int device, Instant window, in WindowShare share)
    {
        if (window > _newest)
        {
            _newest = window;
            Changed = true;
        }

        if (window <= RemadeThrough)
        {
            Mark(SiteHour.Of(site, window));
            return;
        }

        if (!_windows.TryGetValue(window, out Dictionary<string, Dictionary<int, WindowShare>>? sites))
        {
            _windows.Add(window, sites = new(StringComparer.Ordinal));
        }

        if (!sites.TryGetValue(site, out Dictionary<int, WindowShare>? shares))
        {
            sites.Add(site, shares = []);
            Changed |= Watermark is null;
        }

        shares[device] = share;
        if (window <= Watermark)
        {
            _corrected.Add((window, site));
        }
    }

    /// <summary>Finishes windows up to one, and hands over the sums of those and of finished ones that have changed.</summary>
    /// <param name="watermark">The newest window that all is settled of.</param>
    /// <param name="sites">All sites there are.</param>
    /// <returns>Sums, by window; and the windows that were finished now, the newest few only where many were.</returns>
    public (List<(Instant Window, string Site, SiteSums Sums)> Sums, List<Instant> Finished) Finish(Instant watermark, IEnumerable<string> sites)
    {
        var sums = new List<(Instant, string, SiteSums)>();
        var finished = new List<Instant>();
        MarkLost(sites);
        Instant before = Watermark ?? Never;
        if (watermark > before)
        {
            // At a first start nothing was watched before; after a long stop only the newest few are still worth a look.
            Instant next = Watermark?.Plus(length) ?? watermark;
            Instant first = watermark.Minus(length * (Kept - 1));
            for (Instant window = next > first ? next : first; window <= watermark; window = window.Plus(length))
            {
                finished.Add(window);
            }

            Watermark = watermark;
            Changed = true;
        }

        foreach ((Instant window, Dictionary<string, Dictionary<int, WindowShare>> bySite) in _windows)
        {
            if (window > Watermark)
            {
                break;
            }

            foreach ((string site, Dictionary<int, WindowShare> shares) in bySite.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                if (window > before || _corrected.Contains((window, site)))
                {
                    sums.Add((window, site, Sum(shares.Values)));
                }
            }
        }

        _corrected.Clear();
        while (_windows.Count > 0 && _windows.First().Key is var oldest && oldest <= RemadeThrough)
        {
            _windows.Remove(oldest);
        }

        return (sums, finished);
    }

    /// <summary>An hour was made again, unless it was marked anew since.</summary>
    /// <param name="mark">As <see cref="Hours"/> said when its making began.</param>
    /// <returns>False where what was made is already out of date.</returns>
    public bool Remade(SiteHour hour, long mark)
    {
        if (_hours.TryGetValue(hour, out long newest) && newest == mark)
        {
            _hours.Remove(hour);
            Changed = true;
            return true;
        }

        return false;
    }

    private static SiteSums Sum(IEnumerable<WindowShare> shares)
    {
        var sums = default(SiteSums);
        foreach (WindowShare share in shares)
        {
            sums.Add(share);
        }

        return sums;
    }

    private IEnumerable<SiteHour> AtHand() => _windows.SelectMany(window => window.Value.Keys.Select(site => SiteHour.Of(site, window.Key)));

    private void Mark(SiteHour hour)
    {
        Changed |= !_hours.ContainsKey(hour);
        _hours[hour] = ++_marks;
    }

    private void MarkLost(IEnumerable<string> sites)
    {
        if (_lostIsMarked)
        {
            return;
        }

        _lostIsMarked = true;
        Instant first = _watermarkBefore.Minus(length * Kept);
        foreach (string site in sites)
        {
            for (Instant hour = SiteHour.Of(site, first).Start; hour <= _lost; hour = hour.Plus(SiteHour.Length))
            {
                Mark(new SiteHour(site, hour));
            }
        }
    }
}
