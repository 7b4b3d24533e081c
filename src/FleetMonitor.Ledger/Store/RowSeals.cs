using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FleetMonitor.Ledger.Store;

/// <summary>
/// A seal over the rows of every table, so that a row that was changed, removed, added or swapped behind the ledger's back is found also where
/// nothing is kept that it could be made from again. Triggers keep the seals; they are made from the tables as they are, so that a new table or
/// column is sealed too. Their functions are this program's: who writes to the file with another one is refused.
/// </summary>
internal static class RowSeals
{
    private const string Table = "row_seal";
    private const string Plus = "seal_plus";
    private const string Minus = "seal_minus";

    /// <summary>Seals of a table are kept apart by the first of these columns that it has, so that what is off is named closely.</summary>
    private static readonly string[] Parts = ["device", "site", "key"];

    private static readonly delegate_function_scalar Add = static (context, _, values) => Change(context, values, adds: true);
    private static readonly delegate_function_scalar Subtract = static (context, _, values) => Change(context, values, adds: false);

    /// <summary>What no book and no filing rests on, and what changes with every message: points on their way, packet ids to know again.</summary>
    public static IReadOnlyList<string> Unsealed { get; } = ["outbox", "point_reject", "redelivery"];

    /// <summary>Lets a connection write to sealed tables.</summary>
    public static void Register(SqliteConnection connection)
    {
        foreach ((string name, delegate_function_scalar function) in (IEnumerable<(string, delegate_function_scalar)>)[(Plus, Add), (Minus, Subtract)])
        {
            SqliteException.ThrowExceptionForRC(
                raw.sqlite3_create_function(connection.Handle!, name, -1, raw.SQLITE_UTF8 | raw.SQLITE_DETERMINISTIC, null, function), connection.Handle!);
        }

        // Else a row that INSERT OR REPLACE takes out goes unnoticed by triggers.
        LedgerSchema.Execute(connection, "PRAGMA recursive_triggers = ON");
    }

    /// <summary>Seals all tables as they are, and keeps them sealed from here on.</summary>
    public static void Install(SqliteConnection connection, Action<string> progress)
    {
        foreach (string trigger in Names(connection, "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'sealed!_%' ESCAPE '!'"))
        {
            LedgerSchema.Execute(connection, $"DROP TRIGGER {trigger}");
        }

        LedgerSchema.Execute(connection, $"DELETE FROM {Table}");
        using var insert = new WriteStatement(connection, $"INSERT INTO {Table} VALUES ($1, $2, $3, $4)");
        byte[] sum = new byte[RowSeal.SumBytes];
        foreach (SealedTable table in Tables(connection))
        {
            foreach ((SealPart part, RowSeal seal) in table.Count(connection, progress))
            {
                RowSeal.WriteSum(sum, seal.Sum);
                insert.Execute(part.Text is { } text ? text : part.Number, table.Name, seal.Rows, sum);
            }

            LedgerSchema.Execute(connection, Triggers(table));
        }
    }

    /// <summary>All tables but those that are not sealed, in the order of their names.</summary>
    public static IEnumerable<SealedTable> Tables(SqliteConnection connection)
    {
        foreach (string name in Names(connection, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"))
        {
            if (name != Table && !Unsealed.Contains(name))
            {
                string[] columns = [.. Names(connection, $"SELECT name FROM pragma_table_info('{name}')")];
                yield return new SealedTable(name, columns, Parts.FirstOrDefault(columns.Contains));
            }
        }
    }

    /// <summary>The seals that stand, of one table.</summary>
    public static Dictionary<SealPart, RowSeal> Standing(SqliteConnection connection, string table)
    {
        using var seals = new ReadStatement(connection, $"SELECT part, rows, seal FROM {Table} WHERE name = $1");
        return seals.Query(
            row => KeyValuePair.Create(
                row.GetValue(0) is long number ? new SealPart(number, null) : new SealPart(0, row.GetString(0)),
                new RowSeal(row.GetInt64(1), RowSeal.ReadSum((byte[])row[2]))),
            table).ToDictionary();
    }

    /// <summary>What all seals that stand come to, by the name of their table.</summary>
    public static Dictionary<string, SealTotal> Totals(SqliteConnection connection)
    {
        var totals = new Dictionary<string, SealTotal>(StringComparer.Ordinal);
        Step(connection, $"SELECT part, name, rows, seal FROM {Table}", row =>
        {
            ref SealTotal? total = ref CollectionsMarshal.GetValueRefOrAddDefault(totals, raw.sqlite3_column_text(row, 1).utf8_to_string(), out _);
            (total ??= new SealTotal()).Add(PartOf(row), new RowSeal(raw.sqlite3_column_int64(row, 2), RowSeal.ReadSum(raw.sqlite3_column_blob(row, 3))));
        });
        return totals;
    }

    /// <summary>The part that a row belongs to, in its first column.</summary>
    public static SealPart PartOf(sqlite3_stmt row) => raw.sqlite3_column_type(row, 0) == raw.SQLITE_INTEGER
        ? new SealPart(raw.sqlite3_column_int64(row, 0), null)
        : new SealPart(0, raw.sqlite3_column_text(row, 0).utf8_to_string());

    /// <summary>Goes through what a query finds without an object for each row.</summary>
    public static void Step(SqliteConnection connection, string sql, Action<sqlite3_stmt> take)
    {
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(connection.Handle!, sql, out sqlite3_stmt rows), connection.Handle!);
        using (rows)
        {
            int result;
            while ((result = raw.sqlite3_step(rows)) == raw.SQLITE_ROW)
            {
                take(rows);
            }

            SqliteException.ThrowExceptionForRC(result == raw.SQLITE_DONE ? raw.SQLITE_OK : result, connection.Handle!);
        }
    }

    /// <summary>Tables that seals speak of and that are not there.</summary>
    public static IEnumerable<string> SealedAndGone(SqliteConnection connection) =>
        Names(connection, $"SELECT DISTINCT name FROM {Table} WHERE name NOT IN (SELECT name FROM sqlite_schema WHERE type = 'table') ORDER BY name");

    private static string Triggers(SealedTable table)
    {
        return $"""
            CREATE TRIGGER sealed_{table.Name}_comes AFTER INSERT ON {table.Name} BEGIN {Coming()} END;
            CREATE TRIGGER sealed_{table.Name}_goes AFTER DELETE ON {table.Name} BEGIN {Going()} END;
            CREATE TRIGGER sealed_{table.Name}_changes AFTER UPDATE ON {table.Name} BEGIN {Going()} {Coming()} END;
            """;

        string Coming() =>
            $"""
            INSERT INTO {Table} SELECT {table.Part("NEW.")}, '{table.Name}', 0, zeroblob({RowSeal.SumBytes})
                WHERE NOT EXISTS (SELECT 1 FROM {Table} WHERE part = {table.Part("NEW.")} AND name = '{table.Name}');
            UPDATE {Table} SET rows = rows + 1, seal = {Plus}(seal, '{table.Name}', {table.Values("NEW.")}) WHERE part = {table.Part("NEW.")} AND name = '{table.Name}';
            """;

        string Going() =>
            $"UPDATE {Table} SET rows = rows - 1, seal = {Minus}(seal, '{table.Name}', {table.Values("OLD.")}) "
            + $"WHERE part = {table.Part("OLD.")} AND name = '{table.Name}';";
    }

    /// <summary>Of a sum, a table's name and a row's values, the sum with that row or without it.</summary>
    private static void Change(sqlite3_context context, sqlite3_value[] values, bool adds)
    {
        var row = new Encoding.ByteWriter();
        RowSeal.Begin(row, raw.sqlite3_value_blob(values[1]));
        for (int i = 2; i < values.Length; i++)
        {
            switch (raw.sqlite3_value_type(values[i]))
            {
                case raw.SQLITE_INTEGER:
                    RowSeal.Add(row, raw.sqlite3_value_int64(values[i]));
                    break;
                case raw.SQLITE_NULL:
                    RowSeal.AddNull(row);
                    break;
                case raw.SQLITE_BLOB:
                    RowSeal.Add(row, SqlType.Blob, raw.sqlite3_value_blob(values[i]));
                    break;
                default:
                    RowSeal.Add(row, SqlType.Text, raw.sqlite3_value_blob(values[i]));
                    break;
            }
        }

        if (raw.sqlite3_value_blob(values[0]).Length != RowSeal.SumBytes)
        {
            // No exception may pass through SQLite.
            raw.sqlite3_result_error(context, "a seal is not as it was written");
            return;
        }

        UInt128 digest = RowSeal.Digest(row);
        UInt128 sum = RowSeal.ReadSum(raw.sqlite3_value_blob(values[0]));
        Span<byte> changed = stackalloc byte[RowSeal.SumBytes];
        RowSeal.WriteSum(changed, unchecked(adds ? sum + digest : sum - digest));
        raw.sqlite3_result_blob(context, changed);
    }

    private static List<string> Names(SqliteConnection connection, string sql)
    {
        using var names = new ReadStatement(connection, sql);
        return [.. names.Query(row => row.GetString(0))];
    }
}
