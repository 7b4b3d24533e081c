using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Service.Pipeline;

/// <summary>Readings that are older than those at hand: they need kept blocks to be metered.</summary>
internal sealed partial class Shard
{
    private void TakeLate(TrackedDevice device, List<LateReading> late)
    {
        Instant earliest = late.Min(one => one.Reading.At);
        IReadOnlyList<ReadingBlock> blocks = device.KeptFrom(earliest, _keptBlocks(device.Id, earliest));
        // Before the first kept block stands either nothing at all, or readings that are no longer kept.
        if (blocks.Count == 0 || blocks[0].Before != default)
        {
            Instant kept = blocks.Count == 0 ? new Instant(long.MaxValue) : blocks[0].Readings[0].At;
            Output.TooLate.AddRange(late.Where(one => one.Reading.At < kept));
            late.RemoveAll(one => one.Reading.At < kept);
        }

        Reading[] news = [.. late.Select(one => one.Reading).Where(reading => !IsKept(reading, blocks))];
        Output.Duplicates += late.Count - news.Length;
        if (news.Length > 0)
        {
            var sink = new DeviceSink(device, Output);
            device.Replace(device.Meter.Remeter(news, blocks, _blockSize, device.Context, device.Context, ref sink));
            MustCheckpoint(device);
        }
    }

    private static bool IsKept(in Reading reading, IReadOnlyList<ReadingBlock> blocks)
    {
        int low = 0;
        int high = blocks.Count - 1;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            (low, high) = blocks[middle].Readings[0].At <= reading.At ? (middle, high) : (low, middle - 1);
        }

        Reading[] readings = blocks[low].Readings;
        int index = Array.BinarySearch(readings, reading, ByTime.Instance);
        return index >= 0 && Reading.Merge(readings[index], reading, out bool conflict) == readings[index] && !conflict;
    }

    private sealed class ByTime : IComparer<Reading>
    {
        public static readonly ByTime Instance = new();

        public int Compare(Reading x, Reading y) => x.At.CompareTo(y.At);
    }
}
