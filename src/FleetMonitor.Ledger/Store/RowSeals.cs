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
    private const string Sum = "seal_sum";

    /// <summary>Seals of a table are kept apart by the first of these columns that it has, so that what is off is named closely.</summary>
    private static readonly string[] Parts = ["device", "site", "key"];

    /// <summary>What no book and no filing rests on, and what changes with every message: points on their way, packet ids to know again.</summary>
    public static IReadOnlyList<string> Unsealed { get; } = ["outbox", "point_reject", "redelivery"];

    /// <summary>Lets a connection write to sealed tables.</summary>
    public static void Register(SqliteConnection connection)
    {
        // A connection is one thread's at a time, and its functions may share what they work with.
        var digest = new RowDigest();
        Function(Plus, -1, (context, _, values) => Change(context, values, digest, adds: true));
        Function(Minus, -1, (context, _, values) => Change(context, values, digest, adds: false));
        Function(Sum, 2, static (context, _, values) => Join(context, values));

        // Else a row that INSERT OR REPLACE takes out goes unnoticed by triggers.
        LedgerSchema.Execute(connection, "PRAGMA recursive_triggers = ON");

        void Function(string name, int arguments, delegate_function_scalar function) => SqliteException.ThrowExceptionForRC(
            raw.sqlite3_create_function(connection.Handle!, name, arguments, raw.SQLITE_UTF8 | raw.SQLITE_DETERMINISTIC, null, function), connection.Handle!);
    }

    /// <summary>Seals all tables as they are.</summary>
    public static void Seal(SqliteConnection connection, Action<string> progress)
    {
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
        }
    }

    /// <summary>Keeps all tables sealed from here on, as they are.</summary>
    public static void Install(SqliteConnection connection)
    {
        foreach (string trigger in Names(connection, "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'sealed!_%' ESCAPE '!'"))
        {
            LedgerSchema.Execute(connection, $"DROP TRIGGER {trigger}");
        }

        foreach (SealedTable table in Tables(connection))
        {
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

    /// <summary>What changes and stays where it is, as most does, takes one look at its seal.</summary>
    private static string Triggers(SealedTable table)
    {
        (string was, string becomes) = (table.Part("OLD."), table.Part("NEW."));
        return $"""
            CREATE TRIGGER sealed_{table.Name}_comes AFTER INSERT ON {table.Name} BEGIN {Coming()} END;
            CREATE TRIGGER sealed_{table.Name}_goes AFTER DELETE ON {table.Name} BEGIN {Going()} END;
            CREATE TRIGGER sealed_{table.Name}_changes AFTER UPDATE ON {table.Name} WHEN {was} IS {becomes} BEGIN
                UPDATE {Table} SET seal = {Plus}({Minus}(seal, '{table.Name}', {table.Values("OLD.")}), '{table.Name}', {table.Values("NEW.")})
                    WHERE part = {becomes} AND name = '{table.Name}';
            END;
            CREATE TRIGGER sealed_{table.Name}_moves AFTER UPDATE ON {table.Name} WHEN {was} IS NOT {becomes} BEGIN {Going()} {Coming()} END;
            """;

        string Coming() =>
            $"""
            INSERT INTO {Table} VALUES ({becomes}, '{table.Name}', 1, {Plus}(zeroblob({RowSeal.SumBytes}), '{table.Name}', {table.Values("NEW.")}))
                ON CONFLICT (part, name) DO UPDATE SET rows = rows + 1, seal = {Sum}(seal, excluded.seal);
            """;

        string Going() =>
            $"UPDATE {Table} SET rows = rows - 1, seal = {Minus}(seal, '{table.Name}', {table.Values("OLD.")}) WHERE part = {was} AND name = '{table.Name}';";
    }

    /// <summary>Of a sum, a table's name and a row's values, the sum with that row or without it.</summary>
    private static void Change(sqlite3_context context, sqlite3_value[] values, RowDigest row, bool adds)
    {
        row.Begin(raw.sqlite3_value_blob(values[1]));
        for (int i = 2; i < values.Length; i++)
        {
            switch (raw.sqlite3_value_type(values[i]))
            {
                case raw.SQLITE_INTEGER:
                    row.Add(raw.sqlite3_value_int64(values[i]));
                    break;
                case raw.SQLITE_NULL:
                    row.AddNull();
                    break;
                case raw.SQLITE_BLOB:
                    row.Add(SqlType.Blob, raw.sqlite3_value_blob(values[i]));
                    break;
                default:
                    row.Add(SqlType.Text, raw.sqlite3_value_blob(values[i]));
                    break;
            }
        }

        UInt128 digest = row.End();
        Answer(context, values[0], adds ? digest : unchecked(0 - digest));
    }

    /// <summary>The sum of two sums.</summary>
    private static void Join(sqlite3_context context, sqlite3_value[] values)
    {
        ReadOnlySpan<byte> added = raw.sqlite3_value_blob(values[1]);
        Answer(context, values[0], added.Length == RowSeal.SumBytes ? RowSeal.ReadSum(added) : null);
    }

    /// <param name="change">Null where it is no sum.</param>
    private static void Answer(sqlite3_context context, sqlite3_value sum, UInt128? change)
    {
        ReadOnlySpan<byte> before = raw.sqlite3_value_blob(sum);
        if (before.Length != RowSeal.SumBytes || change is not { } by)
        {
            // No exception may pass through SQLite.
            raw.sqlite3_result_error(context, "a seal is not as it was written");
            return;
        }

        Span<byte> after = stackalloc byte[RowSeal.SumBytes];
        RowSeal.WriteSum(after, unchecked(RowSeal.ReadSum(before) + by));
        raw.sqlite3_result_blob(context, after);
    }

    private static List<string> Names(SqliteConnection connection, string sql)
    {
        using var names = new ReadStatement(connection, sql);
        return [.. names.Query(row => row.GetString(0))];
    }
}
