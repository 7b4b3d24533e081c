using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry;
using FleetMonitor.Telemetry.Profiles;

namespace FleetMonitor.Service.Pipeline;

/// <summary>
/// All that a shard holds of one device: its meter, its watch, and what has changed since its last checkpoint. There are as many as devices, and
/// they stay: what most have none of at most times has no object of its own until there is some.
/// </summary>
/// <param name="memory">Its shard's.</param>
internal sealed class TrackedDevice(int id, DeviceKey key, ShardMemory memory) : DeviceMeter(memory), ITopicOwner
{
    private const int MostTopics = 8;

    /// <summary>Bytes of a device's object, in whole cache lines.</summary>
    private const int Size = 512;

    private readonly string _name = key.Device;
    private DeviceTerms _terms = memory.Terms.Of(DeviceTerms.At(key.Site));
    private Seldom? _seldom;
    private DateOnly _day;
    private EnergyByQuality _energy;

    /// <summary>How many batches ago, of those up to <see cref="AppliedSequence"/>, the oldest one was that is not in a checkpoint, plus one; 0 for none.</summary>
    private uint _dirtyFor;
    private ushort _topicsBy;
    private byte _topics;
    private PackedWatch _watch;

    public int Id { get; } = id;

    public DeviceKey Key => new(_terms.Site, _name);

    string ITopicOwner.Device => _name;

    private ShardMemory Memory => (ShardMemory)Pages;

    /// <summary>Asks the processor for its memory.</summary>
    public void Prefetch() => CacheLines.Prefetch(this, Size);

    /// <summary>Itself, as far as it is metered.</summary>
    public DeviceMeter Meter => this;

    /// <summary>What it is metered by. Set before the first reading.</summary>
    public MeterContext Context
    {
        get => _terms.Context;
        set => _terms = Memory.Terms.Of(_terms with { Context = value });
    }

    /// <summary>What its profile says of its register; the fleet file goes first, and leaves it as it was when it no longer says so.</summary>
    public RegisterTraits Traits
    {
        get => _terms.Traits;
        set => _terms = Memory.Terms.Of(_terms with { Traits = value });
    }

    /// <summary>
    /// A message with a register has come since this process started, and its profile's traits hold until the next start: profiles are read then.
    /// Of several profiles with a register the first to speak is taken, so that they cannot change a device's rules back and forth.
    /// </summary>
    public bool TraitsSettled { get; set; }

    /// <summary>What it is watched by; shared. Set before the first reading.</summary>
    public WatchedFacts Facts
    {
        get => _terms.Facts;
        set => _terms = Memory.Terms.Of(_terms with { Facts = value });
    }

    public WatchedDevice Watched => new(Key, Facts);

    /// <summary>
    /// The newest value of each field, and the time of the newest reading; null before the first. Mostly the newest reading that the meter has at
    /// hand, and then not held twice.
    /// </summary>
    public Reading? Last => (_seldom?.Last ?? Meter.Newest) is { Fields: not ReadingFields.None } last ? last : null;

    public Instant LastReceived { get; private set; }

    /// <summary>The newest batch that is in its state.</summary>
    public long AppliedSequence { get; private set; }

    /// <summary>The oldest batch that is in its state and not in a checkpoint; null where the checkpoint is current.</summary>
    public long? DirtySince => _dirtyFor == 0 ? null : AppliedSequence - (_dirtyFor - 1);

    /// <summary>Whether the checkpoint that it was read back from, and nothing since, has that batch in it already.</summary>
    public bool IsCheckpointedWith(long sequence) => _dirtyFor == 0 && AppliedSequence >= sequence;

    /// <summary>A batch is in its state that its checkpoint does not have.</summary>
    public void Changed(long sequence) =>
        (_dirtyFor, AppliedSequence) = (_dirtyFor == 0 ? 1 : checked(_dirtyFor + (uint)(sequence - AppliedSequence)), sequence);

    /// <summary>It is as it was checkpointed with that batch.</summary>
    public void RestoreSequence(long sequence) => AppliedSequence = sequence;

    /// <summary>The start of its newest window that counts in its site's balance.</summary>
    public Instant BalancedThrough { get; set; }

    /// <summary>True while it stands in the current batch's list of touched devices.</summary>
    public bool Touched { get; set; }

    /// <summary>True while it waits to be checkpointed with the batch that is under way.</summary>
    public bool CheckpointNow { get; set; }

    /// <summary>True while it waits to be checkpointed because of how many settled readings it holds.</summary>
    public bool HoldsMany { get; set; }

    /// <summary>Readings of this batch that need kept blocks to be metered; null where there are none.</summary>
    public List<LateReading>? Late
    {
        get => _seldom?.Late;
        set => (_seldom ??= new Seldom()).Late = value;
    }

    /// <summary>Meter events of this batch, until the shard takes them; null where there are none.</summary>
    public List<MeterEvent>? Events
    {
        get => _seldom?.Events;
        set => (_seldom ??= new Seldom()).Events = value;
    }

    /// <summary>Differences to the books since the last checkpoint, days without any left out. Nearly always of one day.</summary>
    public IEnumerable<KeyValuePair<DateOnly, EnergyByQuality>> Days =>
        _energy == EnergyByQuality.Zero ? _seldom?.OtherDays ?? [] : [new(_day, _energy), .. _seldom?.OtherDays ?? []];

    /// <summary>The first reading of the blocks that wait for a checkpoint; null where none do.</summary>
    public Instant? WaitingFrom => _seldom?.Blocks?[0].Readings[0].At;

    /// <summary>
    /// True where it may own one more topic, by the fleet as it is now. Where a pattern leaves levels of a topic open, one device could else own
    /// as many as anybody makes up.
    /// </summary>
    /// <param name="fleet">Its version (<see cref="FleetState.Version"/>): what was owned by another is void.</param>
    public bool OwnsAnotherTopic(ushort fleet)
    {
        if (_topicsBy != fleet)
        {
            (_topicsBy, _topics) = (fleet, 0);
        }

        if (_topics == MostTopics)
        {
            return false;
        }

        _topics++;
        return true;
    }

    /// <summary>Its watch: to be used before any other device's of its shard, and put away again where it may have learned.</summary>
    public DeviceWatch TakeOutWatch()
    {
        DeviceWatch watch = Memory.Watch;
        watch.TakeOut(_watch);
        return watch;
    }

    public void PutAway(DeviceWatch watch) => watch.PutAway(ref _watch);

    public DeviceState StateAt(Instant now, WatchContext context) => TakeOutWatch().StateAt(now, Watched, context);

    /// <param name="last">What <see cref="Last"/> was before the meter took the reading.</param>
    public void See(in Reading reading, Instant receivedAt, in Reading? last)
    {
        LastReceived = receivedAt > LastReceived ? receivedAt : LastReceived;

        // Nearly always it is newer than all and has every field that was known: then it is what the meter has at hand, and nothing is to be kept.
        if (_seldom?.Last is null && last is { } before && (before.Fields & ~reading.Fields) == 0 && reading.At > before.At && Meter.NewestAt == reading.At)
        {
            return;
        }

        KeepLast(last is not { } known ? reading : reading.At >= known.At ? Over(reading, known) : Over(known, reading));
    }

    public void RestoreLast(Reading? last, Instant lastReceived)
    {
        LastReceived = lastReceived;
        KeepLast(last);
    }

    /// <summary>Makes it the <see cref="Last"/>, whatever the meter has at hand by now.</summary>
    private void KeepLast(Reading? last)
    {
        if (last != Meter.Newest)
        {
            (_seldom ??= new Seldom()).Last = last;
        }
        else if (_seldom is { } seldom)
        {
            seldom.Last = null;
        }
    }

    /// <summary>Makes blocks for its checkpoint of the readings that have settled; what it last sent stays known.</summary>
    /// <param name="atLeast">How many are enough for a block.</param>
    /// <param name="atMost">How many one block may hold.</param>
    public void ArchiveSettled(int atLeast, int atMost)
    {
        Reading? last = Last;
        if (Meter.Archive(atLeast, atMost, Context) is { Count: > 0 } blocks)
        {
            Append(blocks);
        }

        KeepLast(last);
    }

    private void Append(IReadOnlyList<ReadingBlock> blocks) => ((_seldom ??= new Seldom()).Blocks ??= []).AddRange(blocks);

    /// <summary>The kept blocks from the one that covers a time on, whether they are in the ledger already or wait to be.</summary>
    public IReadOnlyList<ReadingBlock> KeptFrom(Instant at, IReadOnlyList<ReadingBlock> inLedger)
    {
        if (_seldom?.Blocks is not { } waiting)
        {
            return inLedger;
        }

        List<ReadingBlock> kept = [.. inLedger.TakeWhile(block => block.Readings[0].At < waiting[0].Readings[0].At), .. waiting];
        return kept[Math.Max(0, kept.FindLastIndex(block => block.Readings[0].At <= at))..];
    }

    /// <summary>Puts blocks in place of all that stood from their first reading on.</summary>
    public void Replace(IReadOnlyList<ReadingBlock> blocks)
    {
        if (blocks.Count > 0)
        {
            _seldom?.Blocks?.RemoveAll(block => block.Readings[0].At >= blocks[0].Readings[0].At);
            Append(blocks);
        }
    }

    /// <summary>Hands over everything since the last checkpoint.</summary>
    public DeviceCheckpoint TakeCheckpoint(byte[] state)
    {
        var checkpoint = new DeviceCheckpoint
        {
            DeviceId = Id,
            AppliedSequence = AppliedSequence,
            State = state,
            Days = [.. Days],
            Notes = _seldom?.Notes ?? [],
            Blocks = _seldom?.Blocks ?? [],
        };
        _energy = EnergyByQuality.Zero;
        _seldom = _seldom?.Last is { } last ? new Seldom { Last = last } : null;
        _dirtyFor = 0;
        CheckpointNow = false;
        HoldsMany = false;
        return checkpoint;
    }

    public void Add(DateOnly day, in EnergyByQuality energy)
    {
        if (day != _day && _energy == EnergyByQuality.Zero)
        {
            // The day that takes the free place may stand among the others already.
            EnergyByQuality moved = default;
            _seldom?.OtherDays?.Remove(day, out moved);
            (_day, _energy) = (day, moved);
        }

        if (day == _day)
        {
            _energy += energy;
            return;
        }

        Dictionary<DateOnly, EnergyByQuality> others = (_seldom ??= new Seldom()).OtherDays ??= [];
        others[day] = others.GetValueOrDefault(day) + energy;
        if (others[day] == EnergyByQuality.Zero)
        {
            others.Remove(day);
        }
    }

    /// <summary>How many notes the next checkpoint holds.</summary>
    public int NotesWaiting => _seldom?.Notes?.Count ?? 0;

    public void Add(in MeterNote note) => ((_seldom ??= new Seldom()).Notes ??= []).Add(note);

    /// <summary>Fields of the newer reading, and of the older one where the newer has none.</summary>
    private static Reading Over(in Reading newer, in Reading older) => new(
        newer.At,
        newer.Fields | older.Fields,
        newer.HasPower ? newer.Power : older.Power,
        newer.HasRegister ? newer.Register : older.Register,
        newer.HasHashRate ? newer.HashRate : older.HashRate,
        newer.HasTemperature ? newer.Temperature : older.Temperature,
        newer.HasStatus ? newer.Status : older.Status);

    /// <summary>What most devices have none of at most times: it waits for the end of a batch or for a checkpoint, all but <see cref="Last"/>.</summary>
    private sealed class Seldom
    {
        /// <summary>Where it is not the newest reading that the meter has at hand.</summary>
        public Reading? Last { get; set; }

        /// <summary>What <see cref="Days"/> has beside the day that stands in the device itself.</summary>
        public Dictionary<DateOnly, EnergyByQuality>? OtherDays { get; set; }

        public List<MeterNote>? Notes { get; set; }

        public List<ReadingBlock>? Blocks { get; set; }

        public List<LateReading>? Late { get; set; }

        public List<MeterEvent>? Events { get; set; }
    }
}
