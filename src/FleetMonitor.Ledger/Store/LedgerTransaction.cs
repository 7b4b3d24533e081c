using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FleetMonitor.Ledger.Store;

/// <summary>A transaction in plain SQL, so that prepared statements need not be told of it. Undone unless committed.</summary>
internal readonly ref struct LedgerTransaction
{
    private readonly TransactionStatements _statements;

    private LedgerTransaction(TransactionStatements statements) => _statements = statements;

    public static LedgerTransaction Begin(TransactionStatements statements)
    {
        statements.Begin.Execute();
        return new LedgerTransaction(statements);
    }

    public void Commit() => _statements.Commit.Execute();

    public void Dispose()
    {
        // Some failures undo it by themselves.
        if (raw.sqlite3_get_autocommit(_statements.Connection.Handle) == 0)
        {
            _statements.Rollback.Execute();
        }
    }
}
