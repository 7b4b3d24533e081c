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

    /// <summary>Holds the rows of every sealed table against its seals, and the guards of the tables against those of this version.</summary>
    /// <param name="only">The tables to look at; null for all, and what guards them.</param>
    /// <param name="looked">Hears, from time to time, how many rows were looked at of how many.</param>
    /// <returns>The first thing that is off, null where nothing is; and how many rows of how many tables were looked at.</returns>
    public (string? Fault, long Rows, int Tables) RowFault(IReadOnlyCollection<string>? only = null, Action<long, long>? looked = null)
    {
        try
        {
            return new SealCheck(_connection, () => Keys).Run(only, looked);
        }
        catch (Microsoft.Data.Sqlite.SqliteException e)
        {
            throw SqliteFailures.Named(e);
        }
    }

    /// <exception cref="LedgerCorruptException">A row of one of these tables is not as it was written.</exception>
    public void RefuseDamage(params IReadOnlyCollection<string> tables)
    {
        if (RowFault(tables).Fault is { } fault)
        {
            throw new LedgerCorruptException(fault);
        }
    }

    /// <summary>Makes what another thread asks of it now fail.</summary>
    public void Interrupt()
    {
        if (_connection.Handle is { } open)
        {
            SQLitePCL.raw.sqlite3_interrupt(open);
        }
    }

    /// <summary>Tables that are not sealed: no book and no filing rests on them.</summary>
    public static IReadOnlyList<string> Unsealed => RowSeals.Unsealed;

    /// <summary>The first page of postings whose row does not say what is on it; null where all do.</summary>
    public string? PageFault() => Query(PostingPages.Fault, PostingPages.WithExtents).FirstOrDefault(fault => fault is not null);

    public DeviceStateRow? StateOf(int device) => Query(
        DeviceState,
        "SELECT device, applied, state FROM device_state WHERE device = $1",
        device).FirstOrDefault();
}
