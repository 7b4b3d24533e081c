using Microsoft.Data.Sqlite;

namespace FleetMonitor.Ledger.Store;

/// <summary>A query that is prepared once, its parameters given by position (<c>$1, $2, …</c>).</summary>
internal sealed class ReadStatement : IDisposable
{
    private readonly SqliteCommand _command;

    public ReadStatement(SqliteConnection connection, string sql)
    {
        _command = connection.CreateCommand();
        _command.CommandText = sql;
        int count = 0;
        while (sql.Contains($"${count + 1}", StringComparison.Ordinal))
        {
            _command.Parameters.Add(new SqliteParameter { ParameterName = $"${++count}" });
        }
    }

    public IEnumerable<T> Query<T>(Func<SqliteDataReader, T> row, params object?[] values)
    {
        Bind(values);
        using SqliteDataReader reader = _command.ExecuteReader();
        while (reader.Read())
        {
            yield return row(reader);
        }
    }

    public void Dispose() => _command.Dispose();

    private void Bind(ReadOnlySpan<object?> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            _command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
    }
}
