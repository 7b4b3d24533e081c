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
        using var statement = new PreparedStatement(
            connection,
            """
            SELECT before, readings FROM evidence WHERE device = $1 AND first >= coalesce(
                (SELECT max(first) FROM evidence WHERE device = $1 AND first <= $2), $2) ORDER BY first
            """);
        return [.. statement.Query(Block, device, from.UnixMilliseconds)];
    }

    public static ReadingBlock Block(SqliteDataReader row)
    {
        var before = new ByteReader((byte[])row[0]);
        var readings = new ByteReader((byte[])row[1]);
        return new ReadingBlock(MeterRunCodec.Read(ref before), ReadingBlockCodec.Read(ref readings));
    }
}
