using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FleetMonitor.Ledger.Store;

/// <summary>What the rows of a seal have in common: a device's number, a site, a key; nothing where a table is sealed as one.</summary>
internal readonly record struct SealPart(long Number, string? Text);

/// <param name="PartColumn">Null where its rows are sealed together.</param>
internal sealed record SealedTable(string Name, IReadOnlyList<string> Columns, string? PartColumn)
{
    private const int RowsBetweenNews = 1_000_000;

    /// <summary>What a row belongs to, in SQL.</summary>
    /// <param name="row"><c>NEW.</c>, <c>OLD.</c> or nothing.</param>
    public string Part(string row) => PartColumn is null ? "''" : $"coalesce({row}\"{PartColumn}\", '')";

    public string Values(string row) => string.Join(", ", Columns.Select(column => $"{row}\"{column}\""));

    /// <summary>The seals that its rows have.</summary>
    public Dictionary<SealPart, RowSeal> Count(SqliteConnection connection, Action<string>? progress = null)
    {
        var seals = new Dictionary<SealPart, RowSeal>();
        long counted = 0;
        Read(connection, (part, digest) =>
        {
            seals[part] = seals.GetValueOrDefault(part).With(digest);
            if (++counted % RowsBetweenNews == 0)
            {
                progress?.Invoke(string.Create(CultureInfo.InvariantCulture, $"{counted} rows of {Name} are sealed"));
            }
        });
        return seals;
    }

    /// <summary>Goes through all rows, in whatever order: what each belongs to, and its digest.</summary>
    public void Read(SqliteConnection connection, Action<SealPart, UInt128> take)
    {
        using var row = new RowDigest();
        byte[] name = System.Text.Encoding.UTF8.GetBytes(Name);
        RowSeals.Step(connection, $"SELECT {Part(string.Empty)}, {Values(string.Empty)} FROM {Name}", rows => take(RowSeals.PartOf(rows), Digest(rows, row, name)));
    }

    private UInt128 Digest(sqlite3_stmt rows, RowDigest row, ReadOnlySpan<byte> name)
    {
        row.Begin(name);
        for (int i = 1; i <= Columns.Count; i++)
        {
            switch (raw.sqlite3_column_type(rows, i))
            {
                case raw.SQLITE_INTEGER:
                    row.Add(raw.sqlite3_column_int64(rows, i));
                    break;
                case raw.SQLITE_NULL:
                    row.AddNull();
                    break;
                case raw.SQLITE_BLOB:
                    row.Add(SqlType.Blob, raw.sqlite3_column_blob(rows, i));
                    break;
                default:
                    row.Add(SqlType.Text, raw.sqlite3_column_blob(rows, i));
                    break;
            }
        }

        return row.End();
    }
}
