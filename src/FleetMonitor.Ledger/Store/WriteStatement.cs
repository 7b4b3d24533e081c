using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FleetMonitor.Ledger.Store;

/// <summary>
/// A statement that changes the database and gives no rows, prepared at its first use and run often. Its parameters (<c>$1, $2, …</c>) are
/// given by position. It speaks to SQLite directly: a command object for each row costs more than most rows do.
/// </summary>
internal sealed class WriteStatement(SqliteConnection connection, string sql) : IDisposable
{
    private sqlite3_stmt? _prepared;

    /// <summary>Where SQLite counts each parameter: by where it first stands in the text, not by the number in its name.</summary>
    private int[] _places = [];

    /// <returns>How many rows it inserted, changed or deleted.</returns>
    /// <exception cref="SqliteException">What SQLite says went wrong.</exception>
    public int Execute(params ReadOnlySpan<SqlValue> values)
    {
        sqlite3_stmt statement = _prepared ??= Prepare();
        for (int i = 0; i < values.Length; i++)
        {
            Check(Bind(statement, _places[i], values[i]));
        }

        int result = raw.sqlite3_step(statement);
        // Reset says again what the step said, and lets go of the bytes of large values.
        int reset = raw.sqlite3_reset(statement);
        Check(result == raw.SQLITE_DONE ? reset : result);
        return raw.sqlite3_changes(connection.Handle!);
    }

    public void Dispose() => _prepared?.Dispose();

    private sqlite3_stmt Prepare()
    {
        Check(raw.sqlite3_prepare_v2(connection.Handle!, sql, out sqlite3_stmt statement));
        _places = new int[raw.sqlite3_bind_parameter_count(statement)];
        for (int i = 0; i < _places.Length; i++)
        {
            _places[i] = raw.sqlite3_bind_parameter_index(statement, string.Create(CultureInfo.InvariantCulture, $"${i + 1}"));
        }

        return statement;
    }

    private static int Bind(sqlite3_stmt statement, int index, in SqlValue value) => value.Type switch
    {
        SqlType.Integer => raw.sqlite3_bind_int64(statement, index, value.Number),
        SqlType.Text => raw.sqlite3_bind_text(statement, index, value.Text),
        SqlType.Blob => raw.sqlite3_bind_blob(statement, index, value.Bytes.Span),
        _ => raw.sqlite3_bind_null(statement, index),
    };

    private void Check(int result) => SqliteException.ThrowExceptionForRC(result, connection.Handle!);
}
