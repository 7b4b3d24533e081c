using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Journal;
using FleetMonitor.Metering;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry;
using Xunit;

namespace FleetMonitor.Tests.Pipeline;

/// <summary>When devices are checkpointed, and what of their readings is kept with it.</summary>
public sealed class ShardTests
{
    private const int BlockSize = 64;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly MeterContext Rules = new(
        MeteringOptions.Default, new MeterLimits(new Power(5_000_000_000), new Energy(1_000_000), null), DayCalendar.Of(TimeZoneInfo.Utc));

    private readonly Shard _shard = new((_, _) => [], _ => new WatchContext(new AnomalyOptions()), BlockSize, shards: 1);
    private readonly List<TrackedDevice> _devices = [];
    private int _rounds;

    [Fact]
    public void TakeDue_ManyThatBeganInStepAndAreNotDueYet_AreTakenEvenlyAtThePaceOfThoseThatBecomeDue()
    {
        Add(100);
        var taken = new List<int>();
        for (int batch = 0; batch < 100; batch++)
        {
            Report();

            // Between two batches passes a hundredth of what a device waits, and the share is twice that.
            IReadOnlyList<DeviceCheckpoint> checkpoints = Take(dirtyBefore: 0, share: 0.02);
            Assert.Single(checkpoints);
            taken.Add(checkpoints[0].DeviceId);
        }

        Assert.Equal(Enumerable.Range(0, 100), taken);
    }

    [Fact]
    public void TakeDue_ManyThatAreDue_AreTakenTwiceAsFastAsTheyBecomeSo()
    {
        Add(100);
        Report();
        Assert.Equal(2, Take(dirtyBefore: long.MaxValue, share: 0.02).Count);
    }

    [Fact]
    public void TakeDue_ManyThatBeganInStep_KeepTheirFirstBlocksAtDifferentTimes()
    {
        Add(BlockSize);

        // The window of a minute leaves the last six of 38 unsettled.
        Report(38);
        Assert.Equal(Enumerable.Range(0, 32), TakeAll().Where(one => one.Blocks.Count > 0).Select(one => one.DeviceId));
        Report(32);
        IReadOnlyList<DeviceCheckpoint> second = TakeAll();
        Assert.Equal(Enumerable.Range(32, 32), second.Where(one => one.Blocks.Count > 0).Select(one => one.DeviceId));
        Assert.All(second.SelectMany(one => one.Blocks), block => Assert.Equal(BlockSize, block.Readings.Length));
        Report(32);
        Assert.Equal(Enumerable.Range(0, 32), TakeAll().Where(one => one.Blocks.Count > 0).Select(one => one.DeviceId));
    }

    /// <summary>The window of a minute leaves the last 6, 600 and 6,000 unsettled; without many of them eight blocks are enough.</summary>
    [Theory]
    [InlineData(10, 512 + 6)]
    [InlineData(0.1, (4 * 600) + 600)]
    [InlineData(0.01, 4_096 + 6_000)]
    public void TakeDue_DeviceThatReportsOftenAndIsNotDue_IsTakenWithFourTimesAsManySettledReadingsAsUnsettled(double interval, int readings)
    {
        Add(1);
        for (int reading = 1; reading < readings; reading++)
        {
            Report(TimeSpan.FromSeconds(interval));
            Assert.Empty(Take(dirtyBefore: 0, share: 0));
        }

        Report(TimeSpan.FromSeconds(interval));
        Assert.Equal(readings, Assert.Single(Take(dirtyBefore: 0, share: 0)).AppliedSequence);
    }

    private void Add(int devices)
    {
        for (int id = 0; id < devices; id++)
        {
            _devices.Add(new TrackedDevice(id, new DeviceKey("site-1", $"rig-{id}"), _shard.Memory) { Context = Rules });
            _shard.Add(_devices[id]);
        }
    }

    /// <summary>Every device reports once an interval; each time is a batch.</summary>
    private void Report(int times = 1)
    {
        for (int i = 0; i < times; i++)
        {
            Report(Interval);
        }
    }

    private void Report(TimeSpan interval)
    {
        _rounds++;
        Instant at = Instant.From(new DateTimeOffset(2026, 11, 20, 3, 0, 0, TimeSpan.Zero)).Plus(_rounds * interval);
        foreach (TrackedDevice device in _devices)
        {
            var reading = new Reading(at, ReadingFields.Power, new Power(3_250_000));
            _shard.Apply(device, new JournalEntry(device.Id, JournalEntryKind.Reading, at, reading));
        }

        _shard.EndBatch(_rounds);
    }

    private IReadOnlyList<DeviceCheckpoint> TakeAll() => [.. Take(long.MaxValue, share: 1).OrderBy(one => one.DeviceId)];

    private IReadOnlyList<DeviceCheckpoint> Take(long dirtyBefore, double share) =>
        [.. _shard.TakeDue(dirtyBefore, share).Select(device => device.TakeCheckpoint([]))];
}
