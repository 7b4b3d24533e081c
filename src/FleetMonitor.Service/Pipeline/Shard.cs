using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Journal;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Service.Pipeline;

/// <summary>
/// Owns a set of devices and is the only one that changes their state. It admits, meters and watches, and does nothing else: no I/O but
/// looking up kept readings, no clock of its own, no locks. The same entries give the same state, always.
/// </summary>
internal sealed partial class Shard
{
    /// <summary>
    /// Readings are kept with their device's checkpoint; one that holds this many blocks' worth of settled ones, and some times as many as unsettled
    /// ones, does not wait until that is due.
    /// </summary>
    private const int MostBlocksHeld = 8;

    /// <summary>Settled readings that a device may hold, however many a block takes: one that comes late has all of them metered again.</summary>
    private const int MostHeld = 4_096;

    /// <summary>Gaps and events of a device that may wait for its checkpoint: who contradicts himself with every message makes any number of them.</summary>
    private const int MostNotes = 1_000;

    /// <summary>How many places in a row before its own a device's memory is asked for, and how many before it what that points to.</summary>
    private const int DevicesAhead = 8;
    private const int PagesAhead = 4;

    private static readonly Instant Beginning = new(long.MinValue);

    private readonly SegmentedList<TrackedDevice> _devices = new();

    /// <summary>By place, the time before which the passing of time changes nothing of the device: to look through these costs next to nothing.</summary>
    private readonly SegmentedList<Instant> _quietUntil = new();

    private readonly List<TrackedDevice> _touched = [];

    /// <summary>Places of the devices that the passing of time may change now.</summary>
    private readonly SegmentedList<int> _unquiet = new();
    private readonly CheckpointLine _line;
    private readonly Func<int, Instant, IReadOnlyList<ReadingBlock>> _keptBlocks;
    private readonly Func<string, WatchContext> _watchContexts;
    private readonly int _blockSize;
    private readonly int _shards;
    private readonly int _most;

    /// <summary>Of the site whose device was the last one: most sites are alone, and the others' devices come in runs.</summary>
    private WatchContext? _watchContext;
    private string _watchedSite = string.Empty;

    /// <param name="blockSize">Settled readings that are enough for a kept block.</param>
    /// <param name="shards">How many there are; ids go round them.</param>
    public Shard(
        Func<int, Instant, IReadOnlyList<ReadingBlock>> keptBlocks, Func<string, WatchContext> watchContexts, int blockSize, int shards)
    {
        (_keptBlocks, _watchContexts, _blockSize, _shards) = (keptBlocks, watchContexts, blockSize, shards);
        _most = Math.Min(MostBlocksHeld * blockSize, MostHeld);
        _line = new CheckpointLine(_devices, shards, _most, MostHeld);
    }

    /// <summary>By place.</summary>
    public SegmentedList<TrackedDevice> Devices => _devices;

    /// <summary>What its devices share.</summary>
    public ShardMemory Memory { get; } = new();

    public ShardOutput Output { get; } = new();

    /// <summary>The oldest batch that some device's state holds and its checkpoint does not.</summary>
    public long? OldestDirty => _line.OldestChange;

    public void Add(TrackedDevice device)
    {
        _devices.Add(device);
        _quietUntil.Add(Beginning);
    }

    /// <summary>Facts that devices are metered and watched by have changed.</summary>
    public void ForgetFacts()
    {
        _watchContext = null;
        Memory.Terms.Clear();
        for (int place = 0; place < _quietUntil.Count; place++)
        {
            _quietUntil[place] = Beginning;
        }
    }

    /// <summary>Takes what is this shard's of a batch.</summary>
    public void Take(ReadOnlySpan<JournalEntry> entries, long sequence)
    {
        for (int i = 0; i < entries.Length; i++)
        {
            Prefetch(entries, i);
            ref readonly JournalEntry entry = ref entries[i];
            if (entry.Kind == JournalEntryKind.Tick)
            {
                Tick(entry.ReceivedAt, sequence);
            }
            else
            {
                Apply(DeviceOf(entry), entry);
            }
        }

        EndBatch(sequence);
    }

    /// <summary>A device's own memory first, and what that points to when it has come.</summary>
    private void Prefetch(ReadOnlySpan<JournalEntry> entries, int at)
    {
        if (at + DevicesAhead < entries.Length && entries[at + DevicesAhead].Kind != JournalEntryKind.Tick)
        {
            DeviceOf(entries[at + DevicesAhead]).Prefetch();
        }

        if (at + PagesAhead < entries.Length && entries[at + PagesAhead].Kind != JournalEntryKind.Tick)
        {
            DeviceOf(entries[at + PagesAhead]).PrefetchPages();
        }
    }

    /// <summary>Takes one entry of a device. <see cref="EndBatch"/> follows the last one of its batch.</summary>
    public void Apply(TrackedDevice device, in JournalEntry entry)
    {
        Touch(device);

        _line.EntryCame();
        WatchContext context = WatchContextOf(device.Key.Site);
        if (entry.Kind != JournalEntryKind.Reading && entry.ReceivedAt < device.LastReceived)
        {
            // It was heard since: what a capture tells again is no news of its connection or its clock.
            return;
        }

        if (entry.Kind == JournalEntryKind.RefusedClock)
        {
            DeviceWatch clock = device.TakeOutWatch();
            clock.ObserveRefusedClock(entry.Reading.At, entry.ReceivedAt, device.Watched, context, Output.Anomalies);
            PutAway(device, clock, context);
            return;
        }

        if (entry.Kind != JournalEntryKind.Reading)
        {
            DeviceWatch presence = device.TakeOutWatch();
            presence.Presence(
                entry.Kind == JournalEntryKind.Online, entry.ReceivedAt, device.Watched, context, Output.Anomalies);
            PutAway(device, presence, context);
            return;
        }

        Reading? last = device.Last;
        if (entry.Reading.At < last?.At.Minus(device.Context.Options.ReorderWindow))
        {
            Output.Late++;
        }

        var sink = new DeviceSink(device, Output);
        Admission admission = device.Meter.Admit(entry.Reading, device.Context, ref sink);
        switch (admission)
        {
            case Admission.Duplicate:
                Output.Duplicates++;
                break;
            case Admission.NeedsHistory:
                (device.Late ??= []).Add(new LateReading(device.Id, entry.ReceivedAt, entry.Reading));
                break;
        }

        // What brings nothing new, and came no later than what was heard already, was heard then: a capture that is replayed again. What a broker
        // delivers again comes later, and is a sign of life.
        bool heard = admission is (Admission.Duplicate or Admission.NeedsHistory) && entry.ReceivedAt <= device.LastReceived;
        device.See(entry.Reading, entry.ReceivedAt, last);
        if (!heard)
        {
            DeviceWatch watch = device.TakeOutWatch();
            watch.Observe(entry.Reading, entry.Phases, entry.ReceivedAt, device.Watched, context, Output.Anomalies);
            PutAway(device, watch, context);
        }

        // With the reading and not with its batch: what the watch hears of metering, and when, is the same in any batches.
        if (device.Meter.NewestAt is { } newest)
        {
            device.Meter.Settle(newest.Minus(device.Context.Options.ReorderWindow), device.Context, ref sink);
        }

        Collect(device);
    }

    /// <summary>Takes what came late, and marks the batch's devices as changed.</summary>
    public void EndBatch(long sequence)
    {
        for (int i = 0; i < _touched.Count; i++)
        {
            if (i + DevicesAhead < _touched.Count)
            {
                _touched[i + DevicesAhead].Prefetch();
            }

            TrackedDevice device = _touched[i];
            if (device.Late is { } late)
            {
                TakeLate(device, late);
                device.Late = null;
                Collect(device);
            }

            device.Meter.Pack();
            if (device.NotesWaiting > MostNotes)
            {
                MustCheckpoint(device);
            }

            QuietByMeter(device);
            _line.Changed(device, sequence);
            device.Touched = false;
        }

        _touched.Clear();
    }

    /// <summary>Lets time pass: what silent devices last sent settles, and silence is noticed.</summary>
    public void Tick(Instant now, long sequence)
    {
        EndBatch(sequence);
        for (int place = 0; place < _quietUntil.Count; place++)
        {
            if (_quietUntil[place] <= now)
            {
                _unquiet.Add(place);
            }
        }

        for (int i = 0; i < _unquiet.Count; i++)
        {
            if (i + DevicesAhead < _unquiet.Count)
            {
                _devices[_unquiet[i + DevicesAhead]].Prefetch();
            }

            if (i + PagesAhead < _unquiet.Count)
            {
                _devices[_unquiet[i + PagesAhead]].PrefetchPages();
            }

            if (_devices[_unquiet[i]] is var device && !device.IsCheckpointedWith(sequence))
            {
                Tick(device, now, sequence);
            }
        }

        _unquiet.Clear();
    }

    /// <summary>Meters a device by other rules from now on, and again by them as far back as its readings are kept.</summary>
    public void ChangeContext(TrackedDevice device, MeterContext context, long sequence)
    {
        var sink = new DeviceSink(device, Output);
        device.Replace(device.Meter.Remeter(
            [], device.KeptFrom(Beginning, _keptBlocks(device.Id, Beginning)), _blockSize, device.Context, context, ref sink));
        device.Context = context;
        Collect(device);
        _quietUntil[PlaceOf(device)] = Beginning;
        _line.Changed(device, sequence);
        MustCheckpoint(device);
    }

    /// <summary>The devices to checkpoint with this batch, their settled readings in blocks.</summary>
    /// <param name="dirtyBefore">Devices changed in batches before this one are due.</param>
    /// <param name="share">How large a part of all devices may be taken because they are due.</param>
    public IEnumerable<TrackedDevice> TakeDue(long dirtyBefore, double share) => _line.TakeDue(dirtyBefore, share).Select(Archived);

    /// <summary>Books, kept blocks and rules of a device must move together: it is checkpointed with the batch that is under way.</summary>
    public void MustCheckpoint(TrackedDevice device) => _line.Must(device);

    private void Tick(TrackedDevice device, Instant now, long sequence)
    {
        int changes = Output.Anomalies.Count;
        int settled = device.Meter.SettledCount;
        int windows = Output.Windows.Count;
        var sink = new DeviceSink(device, Output);
        device.Meter.Pass(now, device.Context, ref sink);

        // What has settled comes first: an event must not clear before the last of its signs is heard.
        Collect(device);
        WatchContext context = WatchContextOf(device.Key.Site);
        DeviceWatch watch = device.TakeOutWatch();
        watch.Tick(now, device.Watched, context, Output.Anomalies);
        PutAway(device, watch, context);
        bool changed = settled != device.Meter.SettledCount || windows != Output.Windows.Count || changes != Output.Anomalies.Count;
        QuietByMeter(device);
        if (changed)
        {
            _line.Changed(device, sequence);
        }
    }

    private WatchContext WatchContextOf(string site)
    {
        if (_watchContext is null || site != _watchedSite)
        {
            (_watchContext, _watchedSite) = (_watchContexts(site), site);
        }

        return _watchContext;
    }

    private void PutAway(TrackedDevice device, DeviceWatch watch, WatchContext context)
    {
        _quietUntil[PlaceOf(device)] = watch.QuietUntil(device.Watched, context);
        device.PutAway(watch);
    }

    /// <summary>It is quiet as long as its watch, which was put away before, and its meter are.</summary>
    private void QuietByMeter(TrackedDevice device)
    {
        ref Instant quiet = ref _quietUntil[PlaceOf(device)];
        Instant meter = device.Meter.QuietUntil(device.Context);
        quiet = meter < quiet ? meter : quiet;
    }

    private void Touch(TrackedDevice device)
    {
        if (!device.Touched)
        {
            device.Touched = true;
            _touched.Add(device);
        }
    }

    private TrackedDevice DeviceOf(in JournalEntry entry) => _devices[entry.DeviceId / _shards];

    private int PlaceOf(TrackedDevice device) => device.Id / _shards;

    private TrackedDevice Archived(TrackedDevice device)
    {
        device.ArchiveSettled(Enough(device), _most);
        return device;
    }

    /// <summary>The first block may be a short one: devices that began in step must not hold the most readings at the same time.</summary>
    private int Enough(TrackedDevice device) => device.Meter.ArchivedThrough is null ? 1 + (PlaceOf(device) % _blockSize) : _blockSize;

    private void Collect(TrackedDevice device)
    {
        if (device.Events is not { } events)
        {
            return;
        }

        WatchContext context = WatchContextOf(device.Key.Site);
        DeviceWatch watch = device.TakeOutWatch();
        foreach (MeterEvent meterEvent in events)
        {
            Output.Conflicts += meterEvent.Kind == MeterEventKind.Conflict ? 1 : 0;
            watch.Observe(meterEvent, device.Watched, context, Output.Anomalies);
        }

        PutAway(device, watch, context);
        device.Events = null;
    }
}
