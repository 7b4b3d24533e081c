using System.Globalization;
using FleetMonitor.Fleet;
using Microsoft.Data.Sqlite;

namespace FleetMonitor.Ledger.Store;

/// <summary>
/// Holds the rows of every sealed table against the seals that were kept as they were written: all of a table at once, and part by part where
/// that is off, to say what is.
/// </summary>
/// <param name="devices">By number, to name them.</param>
internal sealed class SealCheck(SqliteConnection connection, Func<IReadOnlyDictionary<int, DeviceKey>> devices)
{
    /// <param name="only">The tables to look at; null for all, and what guards them.</param>
    /// <param name="looked">Hears, from time to time, how many rows were looked at of how many.</param>
    /// <returns>The first thing that is off, null where nothing is; and how many rows of how many tables were looked at.</returns>
    public (string? Fault, long Rows, int Tables) Run(IReadOnlyCollection<string>? only = null, Action<long, long>? looked = null)
    {
        if (only is null && SchemaFault() is { } schema)
        {
            return (schema, 0, 0);
        }

        (long rows, int tables) = (0, 0);
        Dictionary<string, SealTotal> were = RowSeals.Totals(connection);
        long all = were.Values.Sum(total => total.Rows);
        foreach (SealedTable table in RowSeals.Tables(connection).Where(table => only is null || only.Contains(table.Name)))
        {
            SealTotal are = Total(table, inTable => looked?.Invoke(rows + inTable, all));
            tables++;
            rows += are.Rows;
            if (!are.Equals(were.GetValueOrDefault(table.Name) ?? new SealTotal()))
            {
                return (PartFault(table) ?? $"table {table.Name}: its rows are not as they were written", rows, tables);
            }
        }

        return (RowSeals.SealedAndGone(connection).Select(name => $"table {name} is gone").FirstOrDefault(), rows, tables);
    }

    private SealTotal Total(SealedTable table, Action<long> looked)
    {
        const int RowsBetweenNews = 4_096;
        var total = new SealTotal();
        table.Read(connection, (part, digest) =>
        {
            total.Add(part, new RowSeal(1, digest));
            if (total.Rows % RowsBetweenNews == 0)
            {
                looked(total.Rows);
            }
        });
        return total;
    }

    private string? PartFault(SealedTable table)
    {
        Dictionary<SealPart, RowSeal> are = table.Count(connection);
        Dictionary<SealPart, RowSeal> were = RowSeals.Standing(connection, table.Name);
        foreach (SealPart part in were.Keys.Union(are.Keys))
        {
            (RowSeal found, RowSeal kept) = (are.GetValueOrDefault(part), were.GetValueOrDefault(part));
            if (found != kept)
            {
                return found.Rows == kept.Rows
                    ? Text($"table {table.Name}{Of(table, part)}: its {kept.Rows} rows are not as they were written")
                    : Text($"table {table.Name}{Of(table, part)}: {kept.Rows} rows were written, {found.Rows} are there");
            }
        }

        return null;
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
        "device" when part.Text is null && devices().TryGetValue((int)part.Number, out DeviceKey key) => $" of {key}",
        _ => part.Text is { } text ? $" of {table.PartColumn} {text}" : Text($" of {table.PartColumn} {part.Number}"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
