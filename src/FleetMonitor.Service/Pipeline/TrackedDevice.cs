using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry;
using FleetMonitor.Telemetry.Profiles;

namespace FleetMonitor.Service.Pipeline;

/// <summary>
/// All that a shard holds of one device: its meter, its watch, and what has changed since its last checkpoint. It is the sink of its own
/// meter: differences to the books gather here until a checkpoint takes them.
/// </summary>
internal sealed class TrackedDevice(int id, DeviceKey key) : IDeviceSink
{
    private readonly List<MeterNote> _notes = [];
    private Dictionary<DateOnly, EnergyByQuality> _days = [];
    private List<ReadingBlock> _blocks = [];

    public int Id { get; } = id;

    public DeviceKey Key { get; } = key;

    public DeviceMeter Meter { get; set; } = new();

    public DeviceWatch Watch { get; set; } = new();

    /// <summary>What it is metered by. Set before the first reading.</summary>
    public MeterContext Context { get; set; } = null!;

    /// <summary>What its profile says of its register; the fleet file goes first, and leaves it as it was when it no longer says so.</summary>
    public RegisterTraits Traits { get; set; } = DeviceRules.DefaultTraits;

    /// <summary>
    /// A message with a register has come since this process started, and its profile's traits hold until the next start: profiles are read then.
    /// Of several profiles with a register the first to speak is taken, so that they cannot change a device's rules back and forth.
    /// </summary>
    public bool TraitsSettled { get; set; }

    /// <summary>What it is watched by. Set before the first reading.</summary>
    public WatchedDevice Watched { get; set; } = null!;

    /// <summary>The newest value of each field, and the time of the newest reading; null before the first.</summary>
    public Reading? Last { get; private set; }

    public Instant LastReceived { get; private set; }

    /// <summary>The batch that its state was read back as of: what came before is in it already.</summary>
    public long RecoveredSequence { get; set; }

    /// <summary>The newest batch that is in its state.</summary>
    public long AppliedSequence { get; set; }

    /// <summary>The oldest batch that is in its state and not in a checkpoint; null where the checkpoint is current.</summary>
    public long? DirtySince { get; set; }

    /// <summary>The start of its newest window that counts in its site's balance.</summary>
    public Instant BalancedThrough { get; set; }

    /// <summary>True while it stands in the current batch's list of touched devices.</summary>
    public bool Touched { get; set; }

    /// <summary>True while it waits to be checkpointed with the batch that is under way.</summary>
    public bool CheckpointNow { get; set; }

    /// <summary>Readings of this batch that need kept blocks to be metered.</summary>
    public List<LateReading> Late { get; } = [];

    /// <summary>Windows and meter events that this batch completed; the shard collects them.</summary>
    public List<DeviceWindow> Windows { get; } = [];

    public List<MeterEvent> Events { get; } = [];

    /// <summary>Differences to the books since the last checkpoint.</summary>
    public IReadOnlyDictionary<DateOnly, EnergyByQuality> Days => _days;

    /// <summary>The first reading of the blocks that wait for a checkpoint; null where none do.</summary>
    public Instant? WaitingFrom => _blocks.Count == 0 ? null : _blocks[0].Readings[0].At;

    public void See(in Reading reading, Instant receivedAt)
    {
        LastReceived = receivedAt > LastReceived ? receivedAt : LastReceived;
        if (Last is not { } last)
        {
            Last = reading;
        }
        else
        {
            Last = reading.At >= last.At ? Over(reading, last) : Over(last, reading);
        }
    }

    public void RestoreLast(Reading? last, Instant lastReceived) => (Last, LastReceived) = (last, lastReceived);

    public void Append(IReadOnlyList<ReadingBlock> blocks) => _blocks.AddRange(blocks);

    /// <summary>The kept blocks from the one that covers a time on, whether they are in the ledger already or wait to be.</summary>
    public IReadOnlyList<ReadingBlock> KeptFrom(Instant at, IReadOnlyList<ReadingBlock> inLedger)
    {
        if (_blocks.Count == 0)
        {
            return inLedger;
        }

        List<ReadingBlock> kept = [.. inLedger.TakeWhile(block => block.Readings[0].At < _blocks[0].Readings[0].At), .. _blocks];
        return kept[Math.Max(0, kept.FindLastIndex(block => block.Readings[0].At <= at))..];
    }

    /// <summary>Puts blocks in place of all that stood from their first reading on.</summary>
    public void Replace(IReadOnlyList<ReadingBlock> blocks)
    {
        if (blocks.Count > 0)
        {
            _blocks.RemoveAll(block => block.Readings[0].At >= blocks[0].Readings[0].At);
            _blocks.AddRange(blocks);
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
            Days = _days,
            Notes = [.. _notes],
            Blocks = _blocks,
        };
        _days = [];
        _blocks = [];
        _notes.Clear();
        DirtySince = null;
        CheckpointNow = false;
        return checkpoint;
    }

    public void Add(DateOnly day, EnergyQuality quality, Energy energy)
    {
        if (energy == Energy.Zero)
        {
            return;
        }

        EnergyByQuality sum = _days.GetValueOrDefault(day) + EnergyByQuality.Of(quality, energy);
        if (sum == EnergyByQuality.Zero)
        {
            _days.Remove(day);
        }
        else
        {
            _days[day] = sum;
        }
    }

    public void Add(in Gap gap) => _notes.Add(new MeterNote(Gap: gap));

    public void CoverGaps(Instant from) => _notes.Add(new MeterNote(CoverGapsFrom: from));

    public void Restart(Instant foundAt) => _notes.Add(new MeterNote(RestartAt: foundAt));

    public void Add(in MeterEvent meterEvent)
    {
        _notes.Add(new MeterNote(Event: meterEvent));
        Events.Add(meterEvent);
    }

    public void Add(in DeviceWindow window) => Windows.Add(window);

    /// <summary>Fields of the newer reading, and of the older one where the newer has none.</summary>
    private static Reading Over(in Reading newer, in Reading older) => new(
        newer.At,
        newer.Fields | older.Fields,
        newer.HasPower ? newer.Power : older.Power,
        newer.HasRegister ? newer.Register : older.Register,
        newer.HasHashRate ? newer.HashRate : older.HashRate,
        newer.HasTemperature ? newer.Temperature : older.Temperature,
        newer.HasStatus ? newer.Status : older.Status);
}
