using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Metering;

namespace FleetMonitor.Ledger.Store;

public sealed partial class LedgerReader
{
    public PostingHead PostingHead() => PostingQueries.Head(_connection);

    /// <summary>The chain from its first posting on, streamed; each names the hash that stands in the one before it.</summary>
    public IEnumerable<Posting> Postings()
    {
        string previous = Levy.PostingHead.Genesis.Hash;
        using IEnumerator<Posting> byHand = Query(row => PostingQueries.Posting(row, string.Empty), PostingQueries.InOrder).GetEnumerator();
        bool more = byHand.MoveNext();
        foreach (PostingPage page in Query(PostingPages.Page, PostingPages.InOrder))
        {
            for (; more && byHand.Current.Seq < page.First; more = byHand.MoveNext())
            {
                yield return byHand.Current with { PrevHash = previous };
                previous = byHand.Current.Hash;
            }

            foreach (Posting posting in page.Postings(previous, DeviceOf))
            {
                yield return posting;
                previous = posting.Hash;
            }
        }

        for (; more; more = byHand.MoveNext())
        {
            yield return byHand.Current with { PrevHash = previous };
            previous = byHand.Current.Hash;
        }
    }

    /// <summary>Those of the chain's postings that are asked for, in its order, streamed.</summary>
    public IEnumerable<Posting> Postings(PostingFilter filter)
    {
        (int from, int to) = ((filter.From ?? DateOnly.MinValue).DayNumber, (filter.To ?? DateOnly.MaxValue).DayNumber);
        int? device = filter is { Site: { } site, Device: { } name } ? IdOf(new DeviceKey(site, name)) ?? -1 : null;
        using IEnumerator<Posting> byHand = Query(
            PostingQueries.WithPreviousHash,
            PostingQueries.WithPrevious
                + "WHERE p.seq > $1 AND p.day >= $2 AND p.day < $3 AND ($4 IS NULL OR p.site = $4) AND ($5 IS NULL OR p.device = $5) ORDER BY p.seq",
            filter.After,
            from,
            to,
            filter.Site,
            device).GetEnumerator();
        bool more = byHand.MoveNext();
        foreach (PostingPage page in Query(PostingPages.Page, PostingPages.Listed, filter.After, from, to, filter.Site, device))
        {
            for (; more && byHand.Current.Seq < page.First; more = byHand.MoveNext())
            {
                yield return byHand.Current;
            }

            foreach (Posting posting in page.Postings(HashOf(page.First - 1), DeviceOf))
            {
                PageLine line = page.Lines[posting.Seq - page.First];
                if (posting.Seq > filter.After && line.Day.DayNumber >= from && line.Day.DayNumber < to && (device is null || line.Device == device))
                {
                    yield return posting;
                }
            }
        }

        for (; more; more = byHand.MoveNext())
        {
            yield return byHand.Current;
        }
    }

    /// <summary>The postings of one device-day, in the order in which they were made.</summary>
    public IEnumerable<Posting> Postings(DeviceKey key, DateOnly day)
    {
        if (IdOf(key) is not { } device)
        {
            return [];
        }

        IEnumerable<Posting> metered = Query(PostingPages.Page, PostingPages.OfDeviceDay, device, day.DayNumber, TaxPeriod.Of(day).FirstDay.DayNumber)
            .Where(page => page.Lines.Any(line => line.Device == device && line.Day == day))
            .SelectMany(page => page.Postings(HashOf(page.First - 1), DeviceOf).Where(posting => posting.Entry.Device == key.Device && posting.Entry.Day == day));
        IEnumerable<Posting> byHand = Query(
            PostingQueries.WithPreviousHash,
            PostingQueries.WithPrevious + "WHERE p.site = $1 AND p.day = $2 AND p.device = $3 ORDER BY p.seq",
            key.Site,
            day.DayNumber,
            device);
        return metered.Concat(byHand).OrderBy(posting => posting.Seq);
    }

    /// <summary>Manual adjustments and turnover of local days <c>from ≤ day &lt; to</c>.</summary>
    public IEnumerable<Posting> PostingsByHand(string? site, DateOnly? from, DateOnly? to) => Query(
        PostingQueries.WithPreviousHash,
        PostingQueries.WithPrevious + "WHERE p.kind >= 3 AND ($1 IS NULL OR p.site = $1) AND p.day >= $2 AND p.day < $3 ORDER BY p.seq",
        site,
        (from ?? DateOnly.MinValue).DayNumber,
        (to ?? DateOnly.MaxValue).DayNumber);

    /// <summary>Whether any device-day before a local day has changed since it was posted.</summary>
    public bool AnyDue(DateOnly before) => Query(row => row.GetInt32(0), "SELECT 1 FROM due_day WHERE day < $1 LIMIT 1", before.DayNumber).Any();

    /// <summary>What metered energy was posted for a device-day.</summary>
    public EnergyByQuality Posted(DeviceKey key, DateOnly day) => IdOf(key) is { } device
        ? PostingPages.Posted(_connection, [(device, day)]).GetValueOrDefault((device, day))
        : EnergyByQuality.Zero;

    /// <summary>What was filed: each statement followed by its amendments.</summary>
    public IReadOnlyList<Filing> Filings(string? site = null, TaxPeriod? period = null) => PostingQueries.Filings(_connection, site, period);

    /// <summary>A file that was filed by, as its bytes were; null where it is not there.</summary>
    public byte[]? FiledSource(string hash) =>
        Query(row => Compressed.Unpack((byte[])row[0]), "SELECT content FROM filed_source WHERE hash = $1", hash).FirstOrDefault();

    /// <summary>What was posted of metered energy for a site's tax period, a posting a row, up to a posting's number.</summary>
    public IEnumerable<DeviceDay> PostedDays(string site, TaxPeriod period, long upTo) => Query(
        PostingPages.Page, PostingPages.OfPeriod, site, period.FirstDay.DayNumber, period.End.DayNumber, upTo)
        .SelectMany(page => page.Lines.Take((int)Math.Min(int.MaxValue, upTo - page.First + 1)))
        .Select(line => new DeviceDay(Keys[line.Device], line.Day, line.Energy));

    /// <summary>Sites that have reported, or have anything posted or filed.</summary>
    public IReadOnlyList<string> Sites() =>
        [.. Query(row => row.GetString(0), "SELECT site FROM device UNION SELECT site FROM posting UNION SELECT site FROM filing")];

    /// <summary>The first local day with books, by site.</summary>
    public IReadOnlyDictionary<string, DateOnly> FirstDays() =>
        Query(row => (row.GetString(0), DateOnly.FromDayNumber(row.GetInt32(1))), "SELECT site, min(day) FROM account_day GROUP BY site")
            .ToDictionary(first => first.Item1, first => first.Item2);

    /// <summary>Readings too old to be metered, by device.</summary>
    public IEnumerable<LateReading> LateReadings(DeviceKey key, Instant from, Instant to) => Query(
        row =>
        {
            var bytes = new Encoding.ByteReader((byte[])row[2]);
            return new LateReading(row.GetInt32(0), new Instant(row.GetInt64(1)), Evidence.ReadingBlockCodec.Read(ref bytes)[0]);
        },
        """
        SELECT l.device, l.received, l.reading FROM late_reading l JOIN device d ON d.id = l.device
        WHERE d.site = $1 AND d.device = $2 AND l.at >= $3 AND l.at < $4 ORDER BY l.at
        """,
        key.Site,
        key.Device,
        from.UnixMilliseconds,
        to.UnixMilliseconds);

    /// <summary>A device's number; null where it was never heard of.</summary>
    public int? IdOf(DeviceKey key) => Query(
        row => (int?)row.GetInt32(0), "SELECT id FROM device WHERE site = $1 AND device = $2", key.Site, key.Device).FirstOrDefault();

    /// <summary>The stored hash of a posting that is by hand, or the last of its page.</summary>
    private string HashOf(long seq) => Query(
        row => PostingQueries.Hex(row, 0),
        "SELECT hash FROM posting WHERE seq = $1 UNION ALL SELECT hash FROM posting_page"
            + " WHERE first = (SELECT max(first) FROM posting_page WHERE first <= $1) AND last = $1",
        seq).FirstOrDefault() ?? Levy.PostingHead.Genesis.Hash;

    private Dictionary<int, DeviceKey> Keys => _keys ??= Devices().ToDictionary(row => row.Id, row => row.Key);

    private DeviceKey? DeviceOf(int id) => Keys.TryGetValue(id, out DeviceKey key) ? key : null;
}
