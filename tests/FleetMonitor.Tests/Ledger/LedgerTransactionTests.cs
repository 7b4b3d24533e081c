using FleetMonitor.Ledger.Store;
using Microsoft.Data.Sqlite;
using Xunit;

namespace FleetMonitor.Tests.Ledger;

/// <summary>A transaction is there whole, or leaves nothing behind and the next one goes on.</summary>
public sealed class LedgerTransactionTests : IDisposable
{
    private const int ConstraintFailed = 19;

    private readonly SqliteConnection _connection = new("Data Source=:memory:;Foreign Keys=True");
    private readonly TransactionStatements _statements;
    private readonly WriteStatement _add;

    public LedgerTransactionTests()
    {
        _connection.Open();
        Run("CREATE TABLE site (id INTEGER PRIMARY KEY); INSERT INTO site VALUES (1)");
        // What is checked at the end fails the commit and none of what came before it, as a full disk may.
        Run("CREATE TABLE device (site INTEGER REFERENCES site (id) DEFERRABLE INITIALLY DEFERRED)");
        _statements = new TransactionStatements(_connection);
        _add = new WriteStatement(_connection, "INSERT INTO device VALUES ($1)");
    }

    [Fact]
    public void Commit_ThatFails_SaysSo_AndLeavesNothing_AndTheNextIsWhole()
    {
        SqliteException failure = Assert.Throws<SqliteException>(() => Add(site: 2));

        Assert.Equal(ConstraintFailed, failure.SqliteErrorCode);
        Assert.Equal(0L, Count());
        Add(site: 1);
        Assert.Equal(1L, Count());
    }

    [Fact]
    public void Transaction_ThatIsNotCommitted_LeavesNothing_AndTheNextIsWhole()
    {
        using (LedgerTransaction.Begin(_statements))
        {
            _add.Execute(1);
            Assert.Equal(1L, Count());
        }

        Assert.Equal(0L, Count());
        Add(site: 1);
        Assert.Equal(1L, Count());
    }

    public void Dispose()
    {
        _add.Dispose();
        _statements.Dispose();
        _connection.Dispose();
    }

    private void Add(long site)
    {
        using LedgerTransaction transaction = LedgerTransaction.Begin(_statements);
        _add.Execute(site);
        transaction.Commit();
    }

    private long Count() => (long)Run("SELECT count(*) FROM device")!;

    private object? Run(string sql)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
