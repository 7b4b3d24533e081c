using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FleetMonitor.Ledger.Store;

/// <summary>What SQLite's failures mean for a ledger, and what to do about them.</summary>
internal static class SqliteFailures
{
    /// <summary>The index beside the write-ahead log could not grow: no room, and nothing was written.</summary>
    private const int NoRoomForIndex = 10 | (19 << 8);

    public static LedgerException Named(SqliteException e) => e switch
    {
        { SqliteErrorCode: raw.SQLITE_FULL } or { SqliteExtendedErrorCode: NoRoomForIndex } => new LedgerFullException(
            "The disk is full: readings wait at the broker until there is room. Free some, or move Ledger:Directory.", e),
        { SqliteErrorCode: raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB } => new LedgerCorruptException(e.Message, e),
        // After a failed fsync a retry may report success with the data gone: the only safe thing is to stop.
        _ => new LedgerException($"The ledger cannot be used: {e.Message} (SQLite {e.SqliteExtendedErrorCode}).", e),
    };
}
