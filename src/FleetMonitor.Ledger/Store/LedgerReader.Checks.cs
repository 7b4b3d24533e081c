using FleetMonitor.Metering;

namespace FleetMonitor.Ledger.Store;

/// <summary>Questions that only a check of the whole ledger asks.</summary>
public sealed partial class LedgerReader
{
    /// <summary>What SQLite finds wrong with its file; null where it finds nothing.</summary>
    public string? IntegrityProblem() => Query(row => row.GetString(0), "PRAGMA integrity_check(1)").FirstOrDefault(text => text != "ok");

    /// <summary>The first device-day whose postings do not sum to what stands as posted; device and site are null for one that is not listed.</summary>
    public (string? Site, string? Device, DateOnly Day)? UnevenPosting() => Query(
        row => ((string?, string?, DateOnly)?)(Text(row, 0), Text(row, 1), DateOnly.FromDayNumber(row.GetInt32(2))),
        """
        SELECT d.site, d.device, x.day FROM (
            SELECT device, day FROM (
                SELECT device, day, register, integrated, estimated FROM posting WHERE kind IN (1, 2)
                UNION ALL
                SELECT device, day, -posted_register, -posted_integrated, -posted_estimated FROM device_day)
            GROUP BY device, day HAVING sum(register) <> 0 OR sum(integrated) <> 0 OR sum(estimated) <> 0 LIMIT 1) x
        LEFT JOIN device d ON d.id = x.device
        """).FirstOrDefault();

    /// <summary>The first site and day whose accounts do not sum to its device-days.</summary>
    public (string Site, DateOnly Day)? UnevenAccount() => Query(
        row => ((string, DateOnly)?)(row.GetString(0), DateOnly.FromDayNumber(row.GetInt32(1))),
        """
        SELECT site, day FROM (
            SELECT site, day, register, integrated, estimated FROM account_day
            UNION ALL
            SELECT d.site, b.day, -b.register, -b.integrated, -b.estimated FROM device_day b JOIN device d ON d.id = b.device)
        GROUP BY site, day HAVING sum(register) <> 0 OR sum(integrated) <> 0 OR sum(estimated) <> 0 LIMIT 1
        """).FirstOrDefault();

    /// <summary>One device's books as of its newest checkpoint.</summary>
    public IReadOnlyDictionary<DateOnly, EnergyByQuality> BooksOf(int device) => Query(
        row => (Day: DateOnly.FromDayNumber(row.GetInt32(0)), Energy: Energy(row, 1)),
        "SELECT day, register, integrated, estimated FROM device_day WHERE device = $1",
        device).ToDictionary(row => row.Day, row => row.Energy);

    public DeviceStateRow? StateOf(int device) => Query(
        DeviceState,
        "SELECT device, applied, state FROM device_state WHERE device = $1",
        device).FirstOrDefault();

    private static string? Text(Microsoft.Data.Sqlite.SqliteDataReader row, int at) => row.IsDBNull(at) ? null : row.GetString(at);
}
