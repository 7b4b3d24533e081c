using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Encoding;
using FleetMonitor.Ledger.Evidence;
using FleetMonitor.Metering;
using Microsoft.Data.Sqlite;

namespace FleetMonitor.Ledger.Store;

internal static class EvidenceQueries
{
    public static List<ReadingBlock> BlocksFrom(SqliteConnection connection, int device, Instant from)
    {
        using var statement = new ReadStatement(
            connection,
            """
            SELECT before, readings, device, first FROM evidence WHERE device = $1 AND first >= coalesce(
                (SELECT max(first) FROM evidence WHERE device = $1 AND first <= $2), $2) ORDER BY first
            """);
        return [.. statement.Query(Block, device, from.UnixMilliseconds)];
    }

    public static ReadingBlock Block(SqliteDataReader row)
    {
        const string What = "a block of kept readings";
        long device = row.GetInt64(2);
        long first = row.GetInt64(3);
        var before = new ByteReader(Sealed.Open((byte[])row[0], What, device, first));
        var readings = new ByteReader(Sealed.Open((byte[])row[1], What, device, first));
        return new ReadingBlock(MeterRunCodec.Read(ref before), ReadingBlockCodec.Read(ref readings));
    }
}
