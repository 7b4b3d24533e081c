using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Metering;

namespace FleetMonitor.Ledger.Store;

public sealed partial class LedgerReader
{
    public PostingHead PostingHead() => PostingQueries.Head(_connection);

    /// <summary>The chain from its first posting on, streamed; each names the hash that stands in the row before it.</summary>
    public IEnumerable<Posting> Postings()
    {
        string previous = Levy.PostingHead.Genesis.Hash;
        foreach (Posting posting in Query(row => PostingQueries.Posting(row, previous), PostingQueries.InOrder))
        {
            yield return posting;
            previous = posting.Hash;
        }
    }

    /// <summary>The postings of one device-day, in the order in which they were made.</summary>
    public IEnumerable<Posting> Postings(DeviceKey key, DateOnly day) => Query(
        PostingQueries.WithPreviousHash,
        PostingQueries.WithPrevious + "WHERE p.device = (SELECT id FROM device WHERE site = $1 AND device = $2) AND p.day = $3 ORDER BY p.seq",
        key.Site,
        key.Device,
        day.DayNumber);

    /// <summary>Manual adjustments and turnover of local days <c>from ≤ day &lt; to</c>.</summary>
    public IEnumerable<Posting> PostingsByHand(string? site, DateOnly? from, DateOnly? to) => Query(
        PostingQueries.WithPreviousHash,
        PostingQueries.WithPrevious + "WHERE p.kind >= 3 AND ($1 IS NULL OR p.site = $1) AND p.day >= $2 AND p.day < $3 ORDER BY p.seq",
        site,
        (from ?? DateOnly.MinValue).DayNumber,
        (to ?? DateOnly.MaxValue).DayNumber);

    /// <summary>Device-days of a site whose books and postings differ, as of their newest checkpoints: local days <c>from ≤ day &lt; to</c>.</summary>
    public IEnumerable<DueDeviceDay> DueDays(string site, DateOnly from, DateOnly to) =>
        Query(PostingQueries.DueDay, PostingQueries.Due, site, from.DayNumber, to.DayNumber, int.MaxValue);

    /// <summary>What metered energy was posted for a device-day.</summary>
    public EnergyByQuality Posted(DeviceKey key, DateOnly day) => Query(
        row => Energy(row, 0),
        """
        SELECT posted_register, posted_integrated, posted_estimated FROM device_day
        WHERE device = (SELECT id FROM device WHERE site = $1 AND device = $2) AND day = $3
        """,
        key.Site,
        key.Device,
        day.DayNumber).FirstOrDefault();

    /// <summary>What was filed: each statement followed by its amendments.</summary>
    public IReadOnlyList<Filing> Filings(string? site = null, TaxPeriod? period = null) => PostingQueries.Filings(_connection, site, period);

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
}
