using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FleetMonitor.Ledger.Store;

/// <summary>A transaction in plain SQL, so that prepared statements need not be told of it. Undone unless committed.</summary>
internal readonly ref struct LedgerTransaction
{
    private readonly SqliteConnection _connection;

    private LedgerTransaction(SqliteConnection connection) => _connection = connection;

    public static LedgerTransaction Begin(SqliteConnection connection)
    {
        Execute(connection, "BEGIN IMMEDIATE");
        return new LedgerTransaction(connection);
    }

    public void Commit() => Execute(_connection, "COMMIT");

    public void Dispose()
    {
        // Some failures undo it by themselves.
        if (raw.sqlite3_get_autocommit(_connection.Handle) == 0)
        {
            Execute(_connection, "ROLLBACK");
        }
    }

    private static void Execute(SqliteConnection connection, string sql) =>
        SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(connection.Handle, sql), connection.Handle!);
}
