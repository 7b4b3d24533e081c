using System.Globalization;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using Microsoft.Data.Sqlite;

namespace FleetMonitor.Ledger.Store;

/// <summary>A device-day whose books have changed since it was posted.</summary>
public readonly record struct DueDeviceDay(int DeviceId, DateOnly Day, EnergyByQuality Books, EnergyByQuality Posted);

/// <summary>Postings and filings, read the same way by the one that writes them and by those that only look.</summary>
internal static class PostingQueries
{
    private const string Columns =
        "p.seq, p.posted, p.kind, p.site, d.device, p.day, p.register, p.integrated, p.estimated, p.charge, p.amount, p.currency, p.reason,"
        + " p.person, p.hash";

    public const string InOrder = "SELECT " + Columns + " FROM posting p LEFT JOIN device d ON d.id = p.device ORDER BY p.seq";

    /// <summary>With the hash of the posting before as the last column; the rest of the query names the condition.</summary>
    public const string WithPrevious =
        "SELECT " + Columns + ", coalesce((SELECT hash FROM posting WHERE seq = p.seq - 1),"
        + " (SELECT hash FROM posting_page WHERE first = (SELECT max(first) FROM posting_page WHERE first < p.seq) AND last = p.seq - 1))"
        + " FROM posting p LEFT JOIN device d ON d.id = p.device ";

    public static EnergyByQuality Energy(SqliteDataReader row, int at) =>
        new(new Energy(row.GetInt64(at)), new Energy(row.GetInt64(at + 1)), new Energy(row.GetInt64(at + 2)));

    public static PostingHead Head(SqliteConnection connection)
    {
        using var statement = new ReadStatement(
            connection,
            """
            SELECT seq, hash FROM (SELECT seq, hash FROM posting ORDER BY seq DESC LIMIT 1)
            UNION ALL SELECT last, hash FROM (SELECT last, hash FROM posting_page ORDER BY first DESC LIMIT 1) ORDER BY 1 DESC LIMIT 1
            """);
        return statement.Query(row => new PostingHead(row.GetInt64(0), Hex(row, 1))).FirstOrDefault() ?? PostingHead.Genesis;
    }

    /// <summary>
    /// Device-days that are due, local days <c>from ≤ day &lt; to</c>, of devices from <paramref name="fromDevice"/> on that are asked for: whole
    /// devices, until there are <paramref name="enough"/>.
    /// </summary>
    public static List<DueDeviceDay> Due(SqliteConnection connection, DateOnly from, DateOnly to, int fromDevice, Predicate<int> device, int enough)
    {
        var days = new List<(int Device, DateOnly Day, EnergyByQuality Books)>();
        using (var due = new IntegerQuery(
                   connection,
                   """
                   SELECT u.device, u.day, b.register, b.integrated, b.estimated FROM due_day u CROSS JOIN device_day b USING (device, day)
                   WHERE u.device >= ?1 AND u.day >= ?2 AND u.day < ?3 ORDER BY u.device, u.day
                   """))
        {
            due.Start(fromDevice, from.DayNumber, to.DayNumber);
            while (due.Next())
            {
                int id = (int)due[0];
                if (days.Count >= enough && days[^1].Device != id)
                {
                    break;
                }

                if (device(id))
                {
                    days.Add((id, DateOnly.FromDayNumber((int)due[1]), new EnergyByQuality(new Energy(due[2]), new Energy(due[3]), new Energy(due[4]))));
                }
            }
        }

        Dictionary<(int, DateOnly), EnergyByQuality> posted = PostingPages.Posted(connection, [.. days.Select(day => (day.Device, day.Day))]);
        return days.ConvertAll(day => new DueDeviceDay(
            day.Device, day.Day, day.Books, posted.Count == 0 ? default : posted.GetValueOrDefault((day.Device, day.Day))));
    }

    public static IReadOnlyList<Filing> Filings(SqliteConnection connection, string? site, TaxPeriod? period)
    {
        using var statement = new ReadStatement(
            connection,
            """
            SELECT site, period, number, hash, content FROM filing
            WHERE ($1 IS NULL OR site = $1) AND ($2 IS NULL OR period = $2) ORDER BY site, period, number
            """);
        return
        [
            .. statement.Query(
                row => new Filing(
                    row.GetString(0), TaxPeriod.Parse(row.GetString(1)), row.GetInt32(2), row.GetString(3), (byte[])row[4]),
                site,
                period?.ToString()),
        ];
    }

    public static Posting Posting(SqliteDataReader row, string previous) => new(
        row.GetInt64(0),
        new PostingDraft
        {
            Kind = (PostingKind)row.GetInt32(2),
            Site = row.GetString(3),
            Device = Text(row, 4),
            Day = DateOnly.FromDayNumber(row.GetInt32(5)),
            Energy = Energy(row, 6),
            Charge = Text(row, 9),
            Amount = Text(row, 10) is { } amount
                ? new Money(decimal.Parse(amount, NumberStyles.Number, CultureInfo.InvariantCulture), row.GetString(11))
                : null,
            Reason = Text(row, 12),
            By = Text(row, 13),
        },
        new Instant(row.GetInt64(1)),
        previous,
        Hex(row, 14));

    public static Posting WithPreviousHash(SqliteDataReader row) =>
        Posting(row, row.IsDBNull(15) ? PostingHead.Genesis.Hash : Hex(row, 15));

    public static string Hex(SqliteDataReader row, int at) => Convert.ToHexStringLower((byte[])row[at]);

    private static string? Text(SqliteDataReader row, int at) => row.IsDBNull(at) ? null : row.GetString(at);
}
