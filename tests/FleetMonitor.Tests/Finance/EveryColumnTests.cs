using FleetMonitor.Ledger.Store;
using Microsoft.Data.Sqlite;
using Xunit;

namespace FleetMonitor.Tests.Finance;

/// <summary>
/// Every value of every table in turn: changed, exchanged with another row's, its row removed or doubled, behind the ledger's back. What is
/// tried follows from the schema, so that a new table or column is tried too; and each is found.
/// </summary>
public sealed class EveryColumnTests(FullLedger ledger) : IClassFixture<FullLedger>
{
    private static readonly Dictionary<string, (string[] Columns, string[] Key)> Described = Describe();

    public static TheoryData<string> Tables { get; } = [.. Schema()];

    [Fact]
    public void Tables_AreAllSealed_ButWhatNoBookRestsOn()
    {
        using SqliteConnection schema = Fresh();

        Assert.Equal(["outbox", "point_reject", "redelivery", "row_seal"], AllTables(schema).Except(RowSeals.Tables(schema).Select(table => table.Name)));
    }

    [Fact]
    public void FullLedger_HasNoFault_AndRowsInEveryTable()
    {
        Assert.Null(ledger.FaultAfter(_ => { }));
        ledger.FaultAfter(connection => Assert.All(Schema(), table => Assert.True(Rows(connection, table).Count > 0, $"{table} is empty")));
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void ChangedValue_IsFound(string table)
    {
        foreach (string column in Columns(table))
        {
            string? fault = ledger.FaultAfter(connection => Change(connection, table, column));

            Found(fault, table, $"{table}.{column} changed");
        }
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void ValuesExchangedBetweenTwoRows_AreFound(string table)
    {
        foreach (string column in Columns(table).Except(Key(table)))
        {
            bool exchanged = false;
            string? fault = ledger.FaultAfter(connection => exchanged = Exchange(connection, table, column));

            if (exchanged)
            {
                Found(fault, table, $"{table}.{column} exchanged");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Tables))]
    public void RowThatIsRemoved_OrAdded_IsFound(string table)
    {
        Found(ledger.FaultAfter(connection => Execute(connection, $"DELETE FROM {table} WHERE {Same(table, 0)}", KeyOf(table, Rows(connection, table)[0]))), table, $"{table} removed");
        Found(ledger.FaultAfter(connection => Execute(connection, $"DELETE FROM {table} WHERE {Same(table, 0)}", KeyOf(table, Rows(connection, table)[^1]))), table, $"{table} truncated");
        Found(ledger.FaultAfter(connection => Add(connection, table)), table, $"{table} added");
        Found(ledger.FaultAfter(connection => Execute(connection, $"DELETE FROM {table}")), table, $"{table} emptied");
    }

    [Fact]
    public void Guard_ThatIsGone_OrAnother_IsFound()
    {
        Assert.Equal("rows: the trigger filing_stays is gone", ledger.FaultAfter(connection => Execute(connection, "DROP TRIGGER filing_stays"), keepGuards: false));
        Assert.Equal(
            "rows: the trigger gap_goes is not of this program",
            ledger.FaultAfter(connection => Execute(connection, "CREATE TRIGGER gap_goes AFTER INSERT ON gap BEGIN DELETE FROM gap; END"), keepGuards: false));
        Assert.Equal("rows: table late_reading is gone", ledger.FaultAfter(connection => Execute(connection, "DROP TABLE late_reading"), keepGuards: false)
            ?.Replace("the table", "table", StringComparison.Ordinal));
    }

    private static void Found(string? fault, string table, string what)
    {
        Assert.True(fault is not null, $"{what}: nothing was found");
        if (fault.StartsWith("rows: ", StringComparison.Ordinal) && table != "row_seal")
        {
            Assert.StartsWith($"rows: table {table}", fault, StringComparison.Ordinal);
        }
    }

    private static void Change(SqliteConnection connection, string table, string column)
    {
        object[] row = Rows(connection, table)[^1];
        object changed = Changed(row[Array.IndexOf(Columns(table), column)]);
        Execute(connection, $"UPDATE {table} SET \"{column}\" = $1 WHERE {Same(table, 1)}", [changed, .. KeyOf(table, row)]);
    }

    private static bool Exchange(SqliteConnection connection, string table, string column)
    {
        int at = Array.IndexOf(Columns(table), column);
        List<object[]> rows = Rows(connection, table);
        object[] first = rows[0];
        if (rows.Find(row => !Same(row[at], first[at])) is not { } other)
        {
            return false;
        }

        // One after the other, so that values that must differ do.
        foreach ((object[] row, object value) in (IEnumerable<(object[], object)>)[(first, Changed(other[at])), (other, first[at]), (first, other[at])])
        {
            Execute(connection, $"UPDATE {table} SET \"{column}\" = $1 WHERE {Same(table, 1)}", [value, .. KeyOf(table, row)]);
        }

        return true;
    }

    private static void Add(SqliteConnection connection, string table)
    {
        object[] row = [.. Rows(connection, table)[^1].Select(Changed)];
        Execute(connection, $"INSERT INTO {table} VALUES ({string.Join(", ", row.Select((_, i) => $"${i + 1}"))})", row);
    }

    private static object Changed(object value) => value switch
    {
        long number => number + 1,
        string text => text + "x",
        byte[] { Length: > 0 } bytes => (byte[])[.. bytes[..^1], (byte)(bytes[^1] ^ 1)],
        byte[] => (byte[])[1],
        _ => "x",
    };

    private static bool Same(object one, object other) =>
        one is byte[] bytes ? other is byte[] others && bytes.AsSpan().SequenceEqual(others) : one.Equals(other);

    /// <summary>The condition for one row, its key's values from a parameter on.</summary>
    private static string Same(string table, int after) => string.Join(" AND ", Key(table).Select((column, i) => $"\"{column}\" = ${after + i + 1}"));

    private static object[] KeyOf(string table, object[] row) => [.. Key(table).Select(column => row[Array.IndexOf(Columns(table), column)])];

    private static string[] Schema()
    {
        using SqliteConnection schema = Fresh();
        return [.. AllTables(schema).Except(RowSeals.Unsealed)];
    }

    private static string[] Columns(string table) => Described[table].Columns;

    private static string[] Key(string table) => Described[table].Key;

    /// <summary>Each table's columns, and those that tell a row from the others: all where none do.</summary>
    private static Dictionary<string, (string[] Columns, string[] Key)> Describe()
    {
        using SqliteConnection schema = Fresh();
        return AllTables(schema).ToDictionary(table => table, table =>
        {
            string[] columns = Names(schema, "SELECT name FROM pragma_table_info($1) ORDER BY cid", table);
            return (columns, Names(schema, "SELECT name FROM pragma_table_info($1) WHERE pk > 0 ORDER BY pk", table) is { Length: > 0 } key ? key : columns);
        });
    }

    private static string[] AllTables(SqliteConnection connection) =>
        Names(connection, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name");

    private static string[] Names(SqliteConnection connection, string sql, params object[] values)
    {
        using var names = new ReadStatement(connection, sql);
        return [.. names.Query(row => row.GetString(0), values)];
    }

    private static List<object[]> Rows(SqliteConnection connection, string table)
    {
        using var rows = new ReadStatement(connection, $"SELECT * FROM {table} ORDER BY {string.Join(", ", Key(table).Select(column => $"\"{column}\""))}");
        return [.. rows.Query(row =>
        {
            var values = new object[row.FieldCount];
            row.GetValues(values);
            return values;
        })];
    }

    private static void Execute(SqliteConnection connection, string sql, params object[] values)
    {
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"${i + 1}", values[i]);
        }

        command.ExecuteNonQuery();
    }

    private static SqliteConnection Fresh()
    {
        var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        LedgerSchema.Migrate(connection, "a new ledger");
        return connection;
    }
}
