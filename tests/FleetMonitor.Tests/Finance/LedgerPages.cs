using System.Buffers.Binary;
using FleetMonitor.Ledger.Store;
using Microsoft.Data.Sqlite;

namespace FleetMonitor.Tests.Finance;

/// <summary>Where the rows of a table lie in a database's file (SQLite file format, 1.6 B-tree pages), so that a test can damage them there.</summary>
internal static class LedgerPages
{
    private const int InteriorIndex = 2;
    private const int InteriorTable = 5;
    private const int LeafTable = 13;

    /// <summary>The first bytes of each row's record on the last leaf of a table: its header and its values, as far as they lie on that page.</summary>
    /// <returns>From where to where in the file, for each row.</returns>
    public static IReadOnlyList<Range> Records(string database, string table)
    {
        byte[] file = File.ReadAllBytes(database);
        int pageSize = BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(16)) is var size && size == 1 ? 65_536 : size;
        int page = Root(database, table);
        while (file[Start(page)] is InteriorIndex or InteriorTable)
        {
            page = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(Start(page) + 8));
        }

        int start = Start(page);
        int cells = BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(start + 3));
        return
        [
            .. Enumerable.Range(0, cells).Select(cell =>
            {
                int at = start + BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(start + 8 + (2 * cell)));
                long length = Varint(file, ref at);
                if (file[start] == LeafTable)
                {
                    Varint(file, ref at);
                }

                // Most of what does not fit lies on other pages, the first part always here.
                return at..Math.Min(at + (int)Math.Min(length, 400), start + pageSize);
            }),
        ];

        int Start(int number) => (number - 1) * pageSize;
    }

    private static int Root(string database, string table)
    {
        using var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var root = new ReadStatement(connection, "SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = $1");
        return root.Query(row => row.GetInt32(0), table).Single();
    }

    private static long Varint(byte[] file, ref int at)
    {
        long value = 0;
        byte next;
        do
        {
            next = file[at++];
            value = (value << 7) | (long)(next & 0x7F);
        }
        while (next >= 0x80);
        return value;
    }
}
