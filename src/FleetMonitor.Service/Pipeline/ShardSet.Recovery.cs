using System.Runtime.InteropServices;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Encoding;
using FleetMonitor.Ledger.Journal;
using FleetMonitor.Ledger.Store;

namespace FleetMonitor.Service.Pipeline;

/// <content>
/// The way back to where the ledger stands. One thread reads, some thousand rows or entries at a time, and then each shard takes its own of them:
/// <code>
///   checkpoints ─▶ each device as it was then
///   journal     ─▶ entries that its checkpoint does not hold ─▶ admit, meter, watch, as when they came
/// </code>
/// </content>
internal sealed partial class ShardSet
{
    /// <summary>Checkpoints that are in memory at a time as the ledger is read, and entries of the journal, of which it is whole batches.</summary>
    private const int TogetherAtMost = 2_048;

    /// <summary>Brings all devices to where the ledger stands. Called once, before anything else.</summary>
    /// <exception cref="LedgerException">The ledger is damaged.</exception>
    public void Recover(ILedgerSnapshot ledger)
    {
        Contexts = MeterContexts.Load(ledger.State(MeterContexts.StateKey));
        foreach (DeviceRow row in ledger.Devices())
        {
            Add(new TrackedDevice(row.Id, row.Key, ShardOf(_byId.Count).Memory));
        }

        DeviceStateCodec[] codecs = [.. Shards.Select(_ => new DeviceStateCodec(Contexts))];
        foreach (DeviceStateRow[] rows in ledger.DeviceStates().Chunk(TogetherAtMost))
        {
            ForEachShard(index =>
            {
                foreach (DeviceStateRow row in rows)
                {
                    if (Device(row.DeviceId) is { } device && ShardOf(device) == Shards[index])
                    {
                        codecs[index].Read(row.State, device);
                        device.AppliedSequence = row.AppliedSequence;
                    }
                }
            });
        }

        // A device is checkpointed with its first batch, so each one has its rules by now.
        foreach (TrackedDevice device in _byId)
        {
            Refresh(device, LastNow ?? _serviceStarted);
        }

        Fold(ledger.Journal());
        LastSequence = Math.Max(LastSequence, ledger.LastSequence);
    }

    private void Fold(IEnumerable<JournalRow> journal)
    {
        Share[] shares = [.. Shards.Select(shard => new Share(shard))];
        foreach (JournalRow row in journal)
        {
            Decode(row, shares);
            if (shares.Sum(share => share.Count) >= TogetherAtMost)
            {
                ForEachShard(index => shares[index].Take(_byId));
            }

            Advance(row.Sequence, row.Now);
        }

        ForEachShard(index => shares[index].Take(_byId));
    }

    /// <summary>The entries of a batch that the shards' states do not hold yet, each for its shard.</summary>
    private void Decode(JournalRow row, Share[] into)
    {
        var bytes = new ByteReader(row.Entries);
        while (!bytes.AtEnd)
        {
            JournalEntry entry = JournalCodec.Read(ref bytes, row.Now);
            if (entry.Kind == JournalEntryKind.Tick)
            {
                Array.ForEach(into, share => share.Add(entry));
            }
            else if (!Device(entry.DeviceId).IsCheckpointedWith(row.Sequence))
            {
                into[entry.DeviceId % into.Length].Add(entry);
            }
        }

        Array.ForEach(into, share => share.EndBatch(row.Sequence));
    }

    /// <summary>Each shard is one thread's; all that they read together stands still.</summary>
    private void ForEachShard(Action<int> take) =>
        Task.WhenAll(Enumerable.Range(0, Shards.Count).Select(index => Task.Run(() => take(index)))).GetAwaiter().GetResult();

    /// <summary>What is a shard's of some batches.</summary>
    private sealed class Share(Shard shard)
    {
        private readonly List<JournalEntry> _entries = [];
        private readonly List<(long Sequence, int End)> _batches = [];

        public int Count => _entries.Count;

        public void Add(in JournalEntry entry) => _entries.Add(entry);

        public void EndBatch(long sequence) => _batches.Add((sequence, _entries.Count));

        /// <param name="devices">By id.</param>
        public void Take(IReadOnlyList<TrackedDevice> devices)
        {
            int from = 0;
            foreach ((long sequence, int end) in _batches)
            {
                shard.Take(CollectionsMarshal.AsSpan(_entries)[from..end], devices, sequence);

                // What the batch gave out was committed with it.
                shard.Output.Clear();
                from = end;
            }

            _entries.Clear();
            _batches.Clear();
        }
    }
}
