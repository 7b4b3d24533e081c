using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FleetMonitor.Ledger.Store;

/// <summary>
/// A prepared query that takes and gives integers only, by SQLite's own calls: for tables of which millions of rows are read at once,
/// where the provider's typed readers take longer than SQLite does. One thread at a time.
/// </summary>
internal sealed class IntegerQuery : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public IntegerQuery(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(_database, sql, out _statement), _database);
    }

    /// <summary>A column of the row that <see cref="Next"/> came to.</summary>
    public long this[int column] => raw.sqlite3_column_int64(_statement, column);

    /// <summary>Begins anew, the parameters given by position.</summary>
    public void Start(params ReadOnlySpan<long> values)
    {
        raw.sqlite3_reset(_statement);
        for (int i = 0; i < values.Length; i++)
        {
            raw.sqlite3_bind_int64(_statement, i + 1, values[i]);
        }
    }

    /// <summary>Goes to the next row; false, with the statement at rest, after the last.</summary>
    public bool Next()
    {
        int result = raw.sqlite3_step(_statement);
        if (result == raw.SQLITE_ROW)
        {
            return true;
        }

        // The failure is told by the database, which the reset lets speak.
        int failure = raw.sqlite3_reset(_statement);
        SqliteException.ThrowExceptionForRC(failure, _database);
        return false;
    }

    /// <summary>Puts the statement at rest before its last row was read, so that it holds nothing open.</summary>
    public void Stop() => raw.sqlite3_reset(_statement);

    public void Dispose() => _statement.Dispose();
}
