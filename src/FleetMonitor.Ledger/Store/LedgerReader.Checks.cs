using FleetMonitor.Metering;

namespace FleetMonitor.Ledger.Store;

/// <summary>Questions that only a check of the whole ledger asks.</summary>
public sealed partial class LedgerReader
{
    /// <summary>What SQLite finds wrong with its file; null where it finds nothing.</summary>
    public string? IntegrityProblem() => Query(row => row.GetString(0), "PRAGMA integrity_check(1)").FirstOrDefault(text => text != "ok");

    /// <summary>Holds all device-days against their postings and accounts.</summary>
    public UnevenBooks UnevenBooks()
    {
        try
        {
            return new BooksWalk(_connection, Keys).Run(Query(PostingPages.Page, PostingPages.InOrder));
        }
        catch (Microsoft.Data.Sqlite.SqliteException e)
        {
            throw SqliteFailures.Named(e);
        }
    }

    public DeviceStateRow? StateOf(int device) => Query(
        DeviceState,
        "SELECT device, applied, state FROM device_state WHERE device = $1",
        device).FirstOrDefault();
}
