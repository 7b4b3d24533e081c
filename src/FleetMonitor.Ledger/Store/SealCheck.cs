using System.Globalization;
using FleetMonitor.Fleet;
using Microsoft.Data.Sqlite;

namespace FleetMonitor.Ledger.Store;

/// <summary>Holds the rows of every sealed table against the seals that were kept as they were written.</summary>
/// <param name="devices">By number, to name them.</param>
internal sealed class SealCheck(SqliteConnection connection, IReadOnlyDictionary<int, DeviceKey> devices)
{
    /// <returns>The first thing that is off, null where nothing is; and how many rows of how many tables were looked at.</returns>
    public (string? Fault, long Rows, int Tables) Run()
    {
        (string? fault, long rows, int tables) = (SchemaFault(), 0, 0);
        foreach (SealedTable table in RowSeals.Tables(connection))
        {
            Dictionary<SealPart, RowSeal> are = table.Count(connection);
            Dictionary<SealPart, RowSeal> were = RowSeals.Standing(connection, table.Name);
            tables++;
            rows += are.Values.Sum(seal => seal.Rows);
            foreach (SealPart part in were.Keys.Union(are.Keys))
            {
                (RowSeal found, RowSeal kept) = (are.GetValueOrDefault(part), were.GetValueOrDefault(part));
                fault ??= found == kept ? null
                    : found.Rows == kept.Rows ? Text($"table {table.Name}{Of(table, part)}: its {kept.Rows} rows are not as they were written")
                    : Text($"table {table.Name}{Of(table, part)}: {kept.Rows} rows were written, {found.Rows} are there");
            }
        }

        return (fault ?? RowSeals.SealedAndGone(connection).Select(name => $"table {name} is gone").FirstOrDefault(), rows, tables);
    }

    /// <summary>A table, index or trigger that is not what this version makes: without its guards a table can be rewritten.</summary>
    private string? SchemaFault()
    {
        using var fresh = new SqliteConnection("Data Source=:memory:");
        fresh.Open();
        LedgerSchema.Migrate(fresh, "a new ledger");
        Dictionary<string, string> made = Objects(fresh);
        Dictionary<string, string> found = Objects(connection);
        string? off = made.Keys.Union(found.Keys).Order(StringComparer.Ordinal)
            .FirstOrDefault(name => made.GetValueOrDefault(name) != found.GetValueOrDefault(name));
        return off is null ? null
            : !found.ContainsKey(off) ? $"the {off} is gone"
            : !made.ContainsKey(off) ? $"the {off} is not of this program"
            : $"the {off} is not as this program makes it";
    }

    private static Dictionary<string, string> Objects(SqliteConnection connection)
    {
        using var objects = new ReadStatement(
            connection, "SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite!_%' ESCAPE '!'");
        return objects.Query(row => KeyValuePair.Create(row.GetString(0), row.GetString(1))).ToDictionary();
    }

    private string Of(SealedTable table, SealPart part) => table.PartColumn switch
    {
        null => string.Empty,
        "device" when part.Text is null && devices.TryGetValue((int)part.Number, out DeviceKey key) => $" of {key}",
        _ => part.Text is { } text ? $" of {table.PartColumn} {text}" : Text($" of {table.PartColumn} {part.Number}"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
