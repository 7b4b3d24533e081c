using Microsoft.Data.Sqlite;

namespace FleetMonitor.Ledger.Store;

/// <summary>What a transaction says to the database. Prepared: a commit of a few readings has little else to say, and reading SQL anew is dear.</summary>
internal sealed class TransactionStatements(SqliteConnection connection) : IDisposable
{
    public SqliteConnection Connection => connection;

    public WriteStatement Begin { get; } = new(connection, "BEGIN IMMEDIATE");

    public WriteStatement Commit { get; } = new(connection, "COMMIT");

    public WriteStatement Rollback { get; } = new(connection, "ROLLBACK");

    public void Dispose()
    {
        Begin.Dispose();
        Commit.Dispose();
        Rollback.Dispose();
    }
}
