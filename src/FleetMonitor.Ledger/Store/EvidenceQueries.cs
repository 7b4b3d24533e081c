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

    public static List<ReadingBlock> BlocksUntil(SqliteConnection connection, int device, Instant before)
    {
        using var statement = new ReadStatement(
            connection, "SELECT before, readings, device, first FROM evidence WHERE device = $1 AND first < $2 AND last < $2 ORDER BY first");
        return [.. statement.Query(Block, device, before.UnixMilliseconds)];
    }

    public static HoursStand? HoursStand(SqliteConnection connection, int device)
    {
        using var statement = new ReadStatement(connection, "SELECT since, run FROM device_hours_stand WHERE device = $1");
        return statement.Query(
            row =>
            {
                var run = new ByteReader(Sealed.Open((byte[])row[1], $"where the hours of device {device} stand", device));
                return new HoursStand(DateOnly.FromDayNumber(row.GetInt32(0)), MeterRunCodec.Read(ref run));
            },
            device).FirstOrDefault();
    }

    /// <summary>By local day, <c>from ≤ day &lt; to</c>.</summary>
    public static List<(DateOnly Day, IReadOnlyList<DeviceHour> Hours)> Hours(SqliteConnection connection, int device, DateOnly from, DateOnly to)
    {
        using var statement = new ReadStatement(
            connection, "SELECT day, hours FROM device_hours WHERE device = $1 AND day >= $2 AND day < $3 ORDER BY day");
        return
        [
            .. statement.Query(
                row => (
                    DateOnly.FromDayNumber(row.GetInt32(0)),
                    DeviceHoursCodec.Read(Sealed.Open((byte[])row[1], $"the hours of device {device}", device, row.GetInt64(0)))),
                device,
                from.DayNumber,
                to.DayNumber),
        ];
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
