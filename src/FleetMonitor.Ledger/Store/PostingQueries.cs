using System.Globalization;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using Microsoft.Data.Sqlite;

namespace FleetMonitor.Ledger.Store;

/// <summary>A device-day whose books and postings differ.</summary>
public sealed record DueDeviceDay(int DeviceId, DeviceKey Key, DateOnly Day, EnergyByQuality Books, EnergyByQuality Posted);

/// <summary>Postings and filings, read the same way by the one that writes them and by those that only look.</summary>
internal static class PostingQueries
{
    /// <summary>Device-days that are due, of a site and days: the index holds them and no others.</summary>
    public const string Due =
        """
        SELECT b.device, d.site, d.device, b.day, register, integrated, estimated, posted_register, posted_integrated, posted_estimated
        FROM device_day b INDEXED BY device_day_due JOIN device d ON d.id = b.device
        WHERE (register <> posted_register OR integrated <> posted_integrated OR estimated <> posted_estimated)
            AND d.site = $1 AND b.day >= $2 AND b.day < $3 ORDER BY b.day, b.device LIMIT $4
        """;

    private const string Columns =
        "p.seq, p.posted, p.kind, p.site, d.device, p.day, p.register, p.integrated, p.estimated, p.charge, p.amount, p.currency, p.reason,"
        + " p.person, p.hash";

    public const string InOrder = "SELECT " + Columns + " FROM posting p LEFT JOIN device d ON d.id = p.device ORDER BY p.seq";

    /// <summary>With the hash of the posting before as the last column; the rest of the query names the condition.</summary>
    public const string WithPrevious =
        "SELECT " + Columns + ", b.hash FROM posting p LEFT JOIN device d ON d.id = p.device LEFT JOIN posting b ON b.seq = p.seq - 1 ";

    public static DueDeviceDay DueDay(SqliteDataReader row) => new(
        row.GetInt32(0), new DeviceKey(row.GetString(1), row.GetString(2)), DateOnly.FromDayNumber(row.GetInt32(3)), Energy(row, 4), Energy(row, 7));

    public static EnergyByQuality Energy(SqliteDataReader row, int at) =>
        new(new Energy(row.GetInt64(at)), new Energy(row.GetInt64(at + 1)), new Energy(row.GetInt64(at + 2)));

    public static PostingHead Head(SqliteConnection connection)
    {
        using var statement = new ReadStatement(connection, "SELECT seq, hash FROM posting ORDER BY seq DESC LIMIT 1");
        return statement.Query(row => new PostingHead(row.GetInt64(0), Hex(row, 1))).FirstOrDefault() ?? PostingHead.Genesis;
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
