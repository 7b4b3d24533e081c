using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Encoding;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using Microsoft.Data.Sqlite;

namespace FleetMonitor.Ledger.Store;

/// <summary>The table of pages, read the same way by the one that writes it and by those that only look.</summary>
internal static class PostingPages
{
    public const string Insert = "INSERT INTO posting_page VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";

    private const string Columns = "p.first, p.posted, p.kind, p.site, p.reason, p.lines, p.hash FROM posting_page p ";

    /// <summary>All pages in the chain's order.</summary>
    public const string InOrder = "SELECT " + Columns + "ORDER BY p.first";

    /// <summary>Those that can hold postings of a device and day. A page's days are of one tax period: the days it can begin on are few.</summary>
    public const string OfDeviceDay =
        "SELECT " + Columns + "WHERE p.from_day >= $3 AND p.from_day <= $2 AND p.to_day >= $2 AND p.from_device <= $1 AND p.to_device >= $1"
        + " ORDER BY p.first";

    /// <summary>Those of a site and tax period, up to a posting's number.</summary>
    public const string OfPeriod =
        "SELECT " + Columns + "WHERE p.from_day >= $2 AND p.from_day < $3 AND p.site = $1 AND p.first <= $4 ORDER BY p.first";

    /// <summary>All pages with what their rows say of them, by which they are looked up.</summary>
    public const string WithExtents =
        "SELECT p.first, p.lines, p.last, p.from_day, p.to_day, p.from_device, p.to_device FROM posting_page p ORDER BY p.first";

    /// <summary>What a row of <see cref="WithExtents"/> says wrongly of the page in it; null where nothing.</summary>
    public static string? Fault(SqliteDataReader row)
    {
        PageExtents said = new(row.GetInt64(2), row.GetInt32(3), row.GetInt32(4), row.GetInt32(5), row.GetInt32(6));
        PageExtents has = PageExtents.Of(row.GetInt64(0), PostingPage.ReadLines((byte[])row[1]));
        return said == has ? null : $"the page of postings from {row.GetInt64(0)} on says of itself {said}; on it are {has}";
    }

    /// <summary>Those that can hold postings after a number, of days <c>from ≤ day &lt; to</c>, of a site and a device where they are given.</summary>
    public const string Listed =
        "SELECT " + Columns + "WHERE p.last > $1 AND p.to_day >= $2 AND p.from_day < $3 AND ($4 IS NULL OR p.site = $4)"
        + " AND ($5 IS NULL OR (p.from_device <= $5 AND p.to_device >= $5)) ORDER BY p.first";

    public static PostingPage Page(SqliteDataReader row) => new(
        row.GetInt64(0),
        new Instant(row.GetInt64(1)),
        (PostingKind)row.GetInt32(2),
        row.GetString(3),
        row.IsDBNull(4) ? null : row.GetString(4),
        PostingPage.ReadLines((byte[])row[5]),
        PostingQueries.Hex(row, 6));

    /// <summary>Writes postings of metered energy: as few pages as they fit on.</summary>
    public static void Write(WriteStatement insert, ByteWriter bytes, ReadOnlySpan<LedgerPosting> postings)
    {
        while (!postings.IsEmpty)
        {
            Posting first = postings[0].Posting;
            int count = 1;
            while (count < postings.Length && count < PostingPage.MostLines && PostingPage.Together(first, postings[count].Posting))
            {
                count++;
            }

            var lines = new PageLine[count];
            for (int i = 0; i < count; i++)
            {
                (Posting posting, int? device) = postings[i];
                lines[i] = new PageLine(device!.Value, posting.Entry.Day, posting.Entry.Energy, PostingPage.CheckOf(posting.Hash));
            }

            PostingDraft entry = first.Entry;
            Write(insert, bytes, new PostingPage(
                first.Seq, first.PostedAt, entry.Kind, entry.Site, entry.Reason, lines, postings[count - 1].Posting.Hash));
            postings = postings[count..];
        }
    }

    /// <summary>What metered energy was posted for device-days; those of which none was are left out.</summary>
    public static Dictionary<(int Device, DateOnly Day), EnergyByQuality> Posted(
        SqliteConnection connection, IReadOnlyCollection<(int Device, DateOnly Day)> days)
    {
        var sums = new Dictionary<(int, DateOnly), EnergyByQuality>();
        if (days.Count == 0)
        {
            return sums;
        }

        (DateOnly first, DateOnly last) = (days.Min(day => day.Day), days.Max(day => day.Day));
        using var spans = new ReadStatement(
            connection,
            """
            SELECT first, from_day, to_day, from_device, to_device FROM posting_page
            WHERE from_day >= $1 AND from_day <= $2 AND to_day >= $3 AND from_device <= $5 AND to_device >= $4 ORDER BY first
            """);
        using var lines = new ReadStatement(connection, "SELECT lines FROM posting_page WHERE first = $1");
        HashSet<(int, DateOnly)>? wanted = null;
        foreach ((long page, int fromDay, int toDay, int fromDevice, int toDevice) in spans.Query(
                     row => (row.GetInt64(0), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), row.GetInt32(4)),
                     TaxPeriod.Of(first).FirstDay.DayNumber,
                     last.DayNumber,
                     first.DayNumber,
                     days.Min(day => day.Device),
                     days.Max(day => day.Device)))
        {
            if (days.Any(day => day.Device >= fromDevice && day.Device <= toDevice && day.Day.DayNumber >= fromDay && day.Day.DayNumber <= toDay))
            {
                wanted ??= [.. days];
                foreach (PageLine line in PostingPage.ReadLines(lines.Query(row => (byte[])row[0], page).Single()))
                {
                    if (wanted.Contains((line.Device, line.Day)))
                    {
                        sums[(line.Device, line.Day)] = sums.GetValueOrDefault((line.Device, line.Day)) + line.Energy;
                    }
                }
            }
        }

        return sums;
    }

    /// <summary>Brings the postings of version 2, a row each, onto pages; what people entered stays a row each.</summary>
    public static void TakeOver(SqliteConnection connection)
    {
        using var insert = new WriteStatement(connection, Insert);
        using var rows = new ReadStatement(
            connection,
            """
            SELECT p.seq, p.posted, p.kind, p.site, d.device, p.day, p.register, p.integrated, p.estimated, p.charge, p.amount, p.currency,
                p.reason, p.person, p.hash, p.device FROM posting_of_2 p LEFT JOIN device d ON d.id = p.device WHERE p.kind < 3 ORDER BY p.seq
            """);
        var bytes = new ByteWriter();
        var page = new List<LedgerPosting>();
        foreach (LedgerPosting posting in rows.Query(row => new LedgerPosting(PostingQueries.Posting(row, string.Empty), row.GetInt32(15))))
        {
            bool follows = page.Count > 0 && page.Count < PostingPage.MostLines && page[^1].Posting.Seq + 1 == posting.Posting.Seq;
            if (page.Count > 0 && !(follows && PostingPage.Together(page[0].Posting, posting.Posting)))
            {
                Write(insert, bytes, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(page));
                page.Clear();
            }

            page.Add(posting);
        }

        Write(insert, bytes, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(page));
    }

    private static void Write(WriteStatement insert, ByteWriter bytes, PostingPage page)
    {
        bytes.Clear();
        page.WriteLines(bytes);
        PageExtents extents = PageExtents.Of(page.First, page.Lines);
        insert.Execute(
            page.First,
            extents.Last,
            page.PostedAt.UnixMilliseconds,
            (int)page.Kind,
            page.Site,
            page.Reason,
            extents.FromDay,
            extents.ToDay,
            extents.FromDevice,
            extents.ToDevice,
            bytes.ToArray(),
            Convert.FromHexString(page.Hash));
    }
}
