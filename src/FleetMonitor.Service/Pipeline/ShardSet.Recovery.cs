using System.Runtime.InteropServices;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Encoding;
using FleetMonitor.Ledger.Journal;
using FleetMonitor.Ledger.Store;

namespace FleetMonitor.Service.Pipeline;

/// <content>
/// The way back to where the ledger stands. One thread reads, some thousand rows or entries at a time; while it reads the next ones, each shard takes
/// its own of these:
/// <code>
///   checkpoints ─▶ each device as it was then
///   journal     ─▶ entries that its checkpoint does not hold ─▶ admit, meter, watch, as when they came
/// </code>
/// </content>
internal sealed partial class ShardSet
{
    /// <summary>Checkpoints that are read at a time, and entries of the journal, of which it is whole batches.</summary>
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
        TakeInTurns(ledger.DeviceStates().Chunk(TogetherAtMost), (rows, index) =>
        {
            foreach (DeviceStateRow row in rows)
            {
                if (Device(row.DeviceId) is { } device && ShardOf(device) == Shards[index])
                {
                    codecs[index].Read(row.State, device);
                    device.RestoreSequence(row.AppliedSequence);
                }
            }
        });

        // A device is checkpointed with its first batch, so each one has its rules by now.
        foreach (TrackedDevice device in _byId)
        {
            Refresh(device, LastNow ?? _serviceStarted);
        }

        TakeInTurns(Decoded(ledger.Journal()), (shares, index) => shares[index].Take());
        LastSequence = Math.Max(LastSequence, ledger.LastSequence);
    }

    /// <summary>What the shards' states do not hold yet, each shard's share; one is read while the shards take the other.</summary>
    private IEnumerable<Share[]> Decoded(IEnumerable<JournalRow> journal)
    {
        Share[] shares = NewShares();
        Share[] others = NewShares();
        foreach (JournalRow row in journal)
        {
            Decode(row, shares);
            Advance(row.Sequence, row.Now);
            if (shares.Sum(share => share.Count) >= TogetherAtMost)
            {
                yield return shares;
                (shares, others) = (others, shares);
            }
        }

        yield return shares;

        Share[] NewShares() => [.. Shards.Select(shard => new Share(shard))];
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

    /// <summary>
    /// Each shard is one thread's, and reading is another's. What it asks of a device that a shard has at hand, whether its checkpoint holds a batch that is
    /// still to come (<see cref="TrackedDevice.IsCheckpointedWith"/>), earlier batches do not change.
    /// </summary>
    private void TakeInTurns<T>(IEnumerable<T> read, Action<T, int> take)
    {
        Task taken = Task.CompletedTask;
        try
        {
            using IEnumerator<T> parts = read.GetEnumerator();
            while (ReadNext(parts))
            {
                T part = parts.Current;
                taken.GetAwaiter().GetResult();
                taken = Task.WhenAll(Enumerable.Range(0, Shards.Count).Select(index => Task.Run(() => take(part, index))));
            }
        }
        finally
        {
            taken.GetAwaiter().GetResult();
        }
    }

    private bool ReadNext<T>(IEnumerator<T> parts)
    {
        lock (_ledger)
        {
            return parts.MoveNext();
        }
    }

    /// <summary>What is a shard's of some batches.</summary>
    private sealed class Share(Shard shard)
    {
        private readonly List<JournalEntry> _entries = [];
        private readonly List<(long Sequence, int End)> _batches = [];

        public int Count => _entries.Count;

        public void Add(in JournalEntry entry) => _entries.Add(entry);

        public void EndBatch(long sequence) => _batches.Add((sequence, _entries.Count));

        public void Take()
        {
            int from = 0;
            foreach ((long sequence, int end) in _batches)
            {
                shard.Take(CollectionsMarshal.AsSpan(_entries)[from..end], sequence);

                // What the batch gave out was committed with it.
                shard.Output.Clear();
                from = end;
            }

            _entries.Clear();
            _batches.Clear();
        }
    }
}
