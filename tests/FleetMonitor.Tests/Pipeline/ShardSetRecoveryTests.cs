using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Encoding;
using FleetMonitor.Ledger.Journal;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry;
using Xunit;

namespace FleetMonitor.Tests.Pipeline;

/// <summary>How a shard set reads the ledger at a start.</summary>
public sealed class ShardSetRecoveryTests
{
    /// <summary>More than are read at a time.</summary>
    private const int Many = 5_000;

    /// <summary>Long enough for a lookup that nothing holds back to be made.</summary>
    private static readonly TimeSpan Meanwhile = TimeSpan.FromMilliseconds(100);

    [Fact]
    public void Recover_ReadingsThatNeedKeptOnes_LooksThemUpWhileNothingIsRead()
    {
        var snapshot = new OneDevice();
        using var lookedUp = new ManualResetEventSlim();
        bool isRead = false;
        bool readBesideLookup = false;
        snapshot.BeforeTheSecondBatch = () =>
        {
            isRead = true;
            lookedUp.Wait(Meanwhile);
            isRead = false;
        };
        ShardSet shards = NewShardSet((_, _) =>
        {
            readBesideLookup |= Volatile.Read(ref isRead);
            lookedUp.Set();
            return [];
        });

        shards.Recover(snapshot);

        Assert.True(lookedUp.IsSet);
        Assert.False(readBesideLookup);
        Assert.Equal(3, shards.LastSequence);
        Assert.Equal(3, shards.Devices[0].AppliedSequence);
    }

    [Fact]
    public void Recover_JournalThatCannotBeReadToItsEnd_LeavesNobodyBehindWhoTakesOfIt()
    {
        bool wasTaken = false;
        var snapshot = new OneDevice { BeforeTheSecondBatch = () => throw new LedgerCorruptException("row 2 is damaged") };
        ShardSet shards = NewShardSet((_, _) =>
        {
            wasTaken = true;
            return [];
        });

        Assert.Throws<LedgerCorruptException>(() => shards.Recover(snapshot));

        Assert.True(wasTaken);
    }

    private static ShardSet NewShardSet(Func<int, Instant, IReadOnlyList<ReadingBlock>> keptBlocks) => new(
        shards: 1,
        blockSize: 48,
        new FleetState(FleetSnapshot.Empty, TimeZoneInfo.Utc),
        MeteringOptions.Default,
        new AnomalyOptions(),
        RateSchedule.Kazakhstan,
        keptBlocks,
        new Instant(0));

    /// <summary>A ledger of one device with a checkpoint, and of two batches since; the first repeats what stands in a kept block.</summary>
    private sealed class OneDevice : ILedgerSnapshot
    {
        private static readonly DeviceKey Key = new("site", "rig");
        private static readonly Reading Kept = new(new Instant(10_000), ReadingFields.Power, Power: new Power(3_250_000));

        private readonly MeterContexts _contexts = new();

        public Action BeforeTheSecondBatch { get; set; } = () => { };

        public long LastSequence => 3;

        public IEnumerable<DeviceRow> Devices() => [new DeviceRow(0, Key, Kept.At)];

        public IEnumerable<DeviceStateRow> DeviceStates()
        {
            var device = new TrackedDevice(0, Key, new ShardMemory()) { Context = Rules() };
            var sink = new DeviceSink(device, new ShardOutput());
            device.Meter.Admit(Kept, device.Context, ref sink);
            device.Meter.Settle(Kept.At, device.Context, ref sink);
            device.ArchiveSettled(1, 1);
            yield return new DeviceStateRow(0, 1, new DeviceStateCodec(_contexts).Write(device));
        }

        public byte[]? State(string key)
        {
            Rules();
            return key == MeterContexts.StateKey ? _contexts.Save() : null;
        }

        public IEnumerable<JournalRow> Journal()
        {
            yield return Batch(2, Kept);
            BeforeTheSecondBatch();
            yield return Batch(3, Kept with { At = Kept.At.Plus(TimeSpan.FromSeconds(10)) });
        }

        public IEnumerable<Redelivery> Redeliveries() => [];

        public IEnumerable<OutboxRow> Outbox(long after, int limit) => [];

        public (long Entries, long Bytes, Instant? Oldest) OutboxDepth() => default;

        public IEnumerable<AnomalyRecord> StandingAnomalies() => [];

        public AnomalyRecord? Anomaly(string id) => null;

        private static JournalRow Batch(long sequence, Reading reading)
        {
            var bytes = new ByteWriter();
            for (int i = 0; i < Many; i++)
            {
                JournalCodec.Write(bytes, reading.At, new JournalEntry(0, JournalEntryKind.Reading, reading.At, reading));
            }

            return new JournalRow(sequence, reading.At, bytes.ToArray());
        }

        private MeterContext Rules() => _contexts.Intern(
            MeteringOptions.Default, new MeterLimits(new Power(5_000_000_000), new Energy(1_000_000), null), TimeZoneInfo.Utc);
    }
}
