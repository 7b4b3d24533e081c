using System.Runtime.InteropServices;
using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Encoding;
using FleetMonitor.Ledger.Journal;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Service.Alerts;
using FleetMonitor.Telemetry;
using FleetMonitor.Telemetry.Sources;

namespace FleetMonitor.Service.Pipeline;

/// <summary>How the pipeline works; the options of <c>Ledger</c> and <c>Fleet</c> that concern it.</summary>
/// <param name="MaxUnregistered">Devices a site may have that nobody listed.</param>
/// <param name="CheckpointAfter">How long a changed device waits for its checkpoint at least (<see cref="CheckpointPace"/>): bounds the journal, and so the start.</param>
internal sealed record DeciderOptions(int MaxUnregistered, TimeSpan CheckpointAfter);

/// <summary>
/// Turns a batch of messages into one commit:
/// <code>
///   message ─▶ decode ─▶ device ─▶ journal entry ─▶ its shard: admit, meter, watch ─▶ ┐
///      └─ refused ─▶ quarantine                                                       ├─▶ commit
///                                        windows, anomalies, checkpoints that are due ┘
/// </code>
/// Shards work side by side on large batches; what they give out is put together in their order, so that the result does not depend on timing.
/// </summary>
internal sealed class Decider(
    TelemetryDecoder decoder,
    ShardSet shards,
    FleetState fleet,
    Redeliveries redeliveries,
    IProjection projection,
    AlertDesk alerts,
    DeciderOptions options,
    PipelineCounters counters)
{
    /// <summary>The year 2100: a refused time further ahead is as far off as that.</summary>
    private const long LatestClock = 4_102_444_800_000;

    /// <summary>Waking another thread takes about as long as this many readings.</summary>
    private const int WorthOtherThreads = 1_024;

    private readonly ByteWriter _journal = new();
    private readonly List<JournalEntry>[] _entries = [.. shards.Shards.Select(_ => new List<JournalEntry>())];
    private readonly DeviceStateCodec _states = new(shards.Contexts);
    private readonly CheckpointPace _pace = new(options.CheckpointAfter);
    private readonly List<Instant> _ticks = [];
    private readonly List<AnomalyChange> _found = [];
    private LedgerCommit _commit = new() { Sequence = 0, Now = default };

    public ShardSet Shards { get; } = shards;

    public PipelineCounters Counters => counters;

    public AlertDesk Alerts => alerts;

    /// <summary>The oldest batch that a restart still needs.</summary>
    public long JournalNeededFrom => Shards.Shards.Min(shard => shard.OldestDirty) ?? Shards.LastSequence + 1;

    public void Begin(Instant now)
    {
        _commit = new LedgerCommit { Sequence = Shards.LastSequence + 1, Now = now };
        _journal.Clear();
    }

    /// <summary>Lets time pass for all devices, after the messages taken so far.</summary>
    public void Tick(Instant now)
    {
        var entry = new JournalEntry(0, JournalEntryKind.Tick, now, default);
        JournalCodec.Write(_journal, _commit.Now, entry);
        foreach (List<JournalEntry> entries in _entries)
        {
            entries.Add(entry);
        }

        _ticks.Add(now);
    }

    /// <summary>Says which message is taken after <see cref="TelemetryDecoder.Ahead"/> others.</summary>
    public void Expect(in RawMessage message) => decoder.Expect(message.Topic.Span);

    public void Take(string source, in RawMessage message)
    {
        counters.Messages++;
        if (message.DeliveredAsRetained)
        {
            counters.Retained++;
            return;
        }

        DecodeOutcome outcome = decoder.Decode(message.Topic.Span, message.Payload.Span, message.ReceivedAt, out DecodedMessage decoded);
        switch (outcome)
        {
            case DecodeOutcome.Reading when decoded.TimeFromReceipt && redeliveries.WasCommitted(source, message):
                counters.Duplicates++;
                break;
            case DecodeOutcome.Reading or DecodeOutcome.Presence:
                TakeDecoded(source, message, outcome, decoded);
                break;
            case DecodeOutcome.NoProfile:
                counters.NoProfile++;
                break;
            case DecodeOutcome.NoMeasurement:
                counters.NoMeasurement++;
                break;
            default:
                NoticeClock(decoded, message.ReceivedAt);
                Refuse(source, message, decoded.Refusal!);
                break;
        }
    }

    /// <param name="isNewSession">It certainly begins anew, and with it the numbers of its packets.</param>
    public void Take(SessionGap gap, bool isNewSession)
    {
        counters.SessionGaps++;
        if (isNewSession)
        {
            redeliveries.Forget(gap.Source, _commit);
        }

        _commit.SessionGaps.Add(gap);
        alerts.Take(gap);
    }

    /// <summary>Lets other writers add to the batch: outbox entries that are done, statements, adjustments.</summary>
    public void Add(Action<LedgerCommit> addition) => addition(_commit);

    /// <summary>Meters by the facts as they are now, as part of this batch.</summary>
    public int ApplyFacts() => Shards.ApplyFacts(_commit.Now, _commit.Sequence);

    public LedgerCommit End()
    {
        long sequence = _commit.Sequence;
        int came = _entries.Sum(entries => entries.Count);
        if (came < WorthOtherThreads)
        {
            for (int index = 0; index < _entries.Length; index++)
            {
                Apply(index, sequence);
            }
        }
        else
        {
            Parallel.For(0, _entries.Length, new ParallelOptions { MaxDegreeOfParallelism = _entries.Length }, index => Apply(index, sequence));
        }

        foreach (List<JournalEntry> entries in _entries)
        {
            entries.Clear();
        }

        LedgerCommit commit = _commit;
        commit.Journal = _journal.Written;
        foreach (Shard shard in Shards.Shards)
        {
            Collect(shard.Output, commit);
        }

        if (_ticks.Count > 0)
        {
            projection.Tick(_ticks[^1], Shards);
        }

        alerts.Pass(_found, _ticks);
        _found.Clear();
        _ticks.Clear();
        alerts.Complete(commit);
        projection.Complete(commit);
        (long dirtyBefore, double share) = _pace.Advance(sequence, commit.Now, came, Shards.Devices.Count);
        Checkpoint(commit, dirtyBefore, share);
        if (Shards.Contexts.Changed)
        {
            commit.State[MeterContexts.StateKey] = Shards.Contexts.Save();
        }

        Shards.Advance(sequence, commit.Now);
        return commit;
    }

    /// <summary>A commit that leaves nothing to fold back in at the next start.</summary>
    public LedgerCommit EndWithEverything()
    {
        LedgerCommit commit = End();
        Checkpoint(commit, long.MaxValue, share: 1);
        return commit;
    }

    private void Apply(int index, long sequence) =>
        Shards.Shards[index].Take(CollectionsMarshal.AsSpan(_entries[index]), sequence);

    private void TakeDecoded(string source, in RawMessage message, DecodeOutcome outcome, in DecodedMessage decoded)
    {
        if (DeviceOf(decoded, message.ReceivedAt) is not { } device)
        {
            Refuse(source, message, new Refusal(
                RefusalReason.TooManyDevices,
                "topic",
                $"site {decoded.Site} has {options.MaxUnregistered} devices that nobody listed, or {FleetState.MaxSelfRegistered} sites are unlisted;"
                + " list them in the fleet file"));
            return;
        }

        if (outcome == DecodeOutcome.Reading && decoded.Reading.HasRegister && decoded.Register is { } traits)
        {
            Shards.TakeTraits(device, traits, _commit.Sequence);
        }

        if (outcome == DecodeOutcome.Reading && decoded.TimeFromReceipt)
        {
            redeliveries.Remember(source, message, _commit);
        }

        JournalEntryKind kind = (outcome, decoded.Presence) switch
        {
            (DecodeOutcome.Reading, _) => JournalEntryKind.Reading,
            (_, Presence.Online) => JournalEntryKind.Online,
            _ => JournalEntryKind.Offline,
        };
        counters.Readings += kind == JournalEntryKind.Reading ? 1 : 0;
        counters.Presence += kind == JournalEntryKind.Reading ? 0 : 1;
        var entry = new JournalEntry(device.Id, kind, message.ReceivedAt, decoded.Reading, decoded.Phases);
        JournalCodec.Write(_journal, _commit.Now, entry);
        _entries[device.Id % _entries.Length].Add(entry);
    }

    /// <summary>The one that the topic's last message was of; of a topic's first, the one of that name.</summary>
    private TrackedDevice? DeviceOf(in DecodedMessage decoded, Instant receivedAt)
    {
        if (decoded.Topic.Owner is TrackedDevice known)
        {
            return known;
        }

        var key = new DeviceKey(decoded.Site, decoded.Device);
        TrackedDevice? device = Shards.Resolve(key, decoded.Register, receivedAt, options.MaxUnregistered, _commit);
        if (device is not null && device.OwnsAnotherTopic(fleet.Version))
        {
            decoded.Topic.SetOwner(device);
        }

        return device;
    }

    /// <summary>A device whose clock is so far off that its messages are refused is still one whose clock is off.</summary>
    private void NoticeClock(in DecodedMessage decoded, Instant receivedAt)
    {
        var key = new DeviceKey(decoded.Site, decoded.Device);
        if (decoded.Refusal?.Claimed is not { } claimed || DeviceOfRefused(key, decoded, receivedAt) is not { } device)
        {
            return;
        }

        var reading = new Reading(
            new Instant(Math.Clamp(claimed.UnixMilliseconds, 0, LatestClock)), ReadingFields.None, default, default, default, default, default);
        var entry = new JournalEntry(device.Id, JournalEntryKind.RefusedClock, receivedAt, reading);
        JournalCodec.Write(_journal, _commit.Now, entry);
        _entries[device.Id % _entries.Length].Add(entry);
    }

    /// <summary>A stranger is no device as long as nothing of it was taken.</summary>
    private TrackedDevice? DeviceOfRefused(DeviceKey key, in DecodedMessage decoded, Instant receivedAt) => Shards.Find(key)
        ?? (fleet.Current.Device(key) is null ? null : Shards.Resolve(key, decoded.Register, receivedAt, options.MaxUnregistered, _commit));

    private void Refuse(string source, in RawMessage message, Refusal refusal)
    {
        string reason = refusal.Reason.ToCode();
        counters.CountRefused(reason);
        _commit.Quarantine.Add(new QuarantineEntry(
            message.ReceivedAt, source, reason, refusal.Where, refusal.Detail, message.Topic.ToArray(), message.Payload.ToArray()));
    }

    private void Collect(ShardOutput output, LedgerCommit commit)
    {
        counters.Duplicates += output.Duplicates;
        counters.Conflicts += output.Conflicts;
        counters.Late += output.Late;
        counters.TooLate += output.TooLate.Count;
        commit.LateReadings.AddRange(output.TooLate);
        foreach ((TrackedDevice device, DeviceWindow window) in output.Windows)
        {
            projection.Add(device, window);
            alerts.Take(device, window);
        }

        _found.AddRange(output.Anomalies);
        output.Clear();
    }

    private void Checkpoint(LedgerCommit commit, long dirtyBefore, double share)
    {
        foreach (Shard shard in Shards.Shards)
        {
            foreach (TrackedDevice device in shard.TakeDue(dirtyBefore, share))
            {
                DeviceCheckpoint checkpoint = device.TakeCheckpoint(_states.Write(device));
                commit.Checkpoints.Add(checkpoint);
                Site? site = fleet.Current.Site(device.Key.Site);
                foreach ((DateOnly day, EnergyByQuality energy) in checkpoint.Days)
                {
                    (Account, DateOnly) key = (Accounts.Of(site, device.Key, day), day);
                    commit.Accounts[key] = commit.Accounts.GetValueOrDefault(key) + energy;
                }
            }
        }
    }
}
