using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Metering;

namespace FleetMonitor.Simulation.World;

/// <summary>The ledger's tables in memory, by the same rules and quick: a commit is in them whole or not at all.</summary>
internal sealed class MemoryDisk : IDisk, IDiskLedger, IDiskView
{
    private readonly Dictionary<string, byte[]> _state = [];
    private readonly List<DeviceRow> _devices = [];
    private readonly SortedDictionary<int, DeviceStateRow> _states = [];
    private readonly SortedDictionary<long, JournalRow> _journal = [];
    private readonly Dictionary<(int Device, DateOnly Day), EnergyByQuality> _days = [];
    private readonly Dictionary<(Account Account, DateOnly Day), EnergyByQuality> _accounts = [];
    private readonly Dictionary<(int Device, Instant From, Instant To), Gap> _gaps = [];
    private readonly Dictionary<(int Device, Instant At, MeterEventKind Kind), MeterEvent> _events = [];
    private readonly Dictionary<int, List<ReadingBlock>> _blocks = [];
    private readonly Dictionary<(int Device, DateOnly Day), IReadOnlyList<DeviceHour>> _hours = [];
    private readonly Dictionary<int, HoursStand> _stands = [];
    private readonly Dictionary<ulong, QuarantineEntry> _quarantine = [];
    private readonly List<SessionGap> _sessionGaps = [];
    private readonly Dictionary<string, AnomalyRecord> _anomalies = [];
    private readonly List<AlertEvent> _alertEvents = [];
    private readonly Dictionary<(string Source, ushort PacketId), Redelivery> _redeliveries = [];
    private readonly SortedDictionary<long, OutboxEntry> _outbox = [];
    private readonly List<PointReject> _pointRejects = [];
    private long _lastOutboxId;

    public long LastSequence => Math.Max(
        _journal.Count > 0 ? _journal.Keys.Last() : 0, _states.Count > 0 ? _states.Values.Max(row => row.AppliedSequence) : 0);

    public IDiskLedger Open() => this;

    public IDiskView Read() => this;

    public void Tear(IDiskLedger ledger, LedgerCommit commit)
    {
        // A commit is the smallest thing here: none of it is kept.
    }

    public void Dispose()
    {
        // The tables are the disk: they stay.
    }

    public void Commit(LedgerCommit commit)
    {
        if (!commit.Journal.IsEmpty)
        {
            _journal.Add(commit.Sequence, new JournalRow(commit.Sequence, commit.Now, commit.Journal.ToArray()));
        }

        foreach (NewDevice device in commit.NewDevices)
        {
            _devices.Add(new DeviceRow(device.Id, device.Key, device.FirstSeen));
        }

        foreach (EvidenceLetGo letGo in commit.LetGo)
        {
            _blocks[letGo.DeviceId].RemoveAll(block => block.Readings[^1].At < letGo.Before);
            _stands[letGo.DeviceId] = letGo.Stand;
            foreach ((DateOnly day, IReadOnlyList<DeviceHour> hours) in letGo.Hours)
            {
                _hours[(letGo.DeviceId, day)] = hours;
            }
        }

        foreach (DeviceCheckpoint checkpoint in commit.Checkpoints)
        {
            Write(checkpoint);
        }

        WriteAccounts(commit.Accounts);
        foreach (QuarantineEntry entry in commit.Quarantine)
        {
            _quarantine.TryAdd(entry.Fingerprint, entry);
        }

        foreach (SessionGap gap in commit.SessionGaps)
        {
            _sessionGaps.Add(gap);
        }

        foreach ((string Source, ushort PacketId) gone in commit.RedeliveriesGone)
        {
            _redeliveries.Remove(gone);
        }

        foreach (Redelivery redelivery in commit.Redeliveries)
        {
            _redeliveries[(redelivery.Source, redelivery.PacketId)] = redelivery;
        }

        foreach (AnomalyRecord anomaly in commit.Anomalies)
        {
            _anomalies[anomaly.Id] = anomaly;
        }

        _alertEvents.AddRange(commit.AlertEvents);
        foreach (OutboxEntry entry in commit.Outbox)
        {
            _outbox.Add(++_lastOutboxId, entry);
        }

        foreach (long id in commit.OutboxDone)
        {
            _outbox.Remove(id);
        }

        _pointRejects.AddRange(commit.PointRejects);
        foreach ((string key, byte[] value) in commit.State)
        {
            _state[key] = [.. value];
        }
    }

    public IReadOnlyList<ReadingBlock> BlocksFrom(int device, Instant from)
    {
        List<ReadingBlock> blocks = _blocks.GetValueOrDefault(device, []);
        int covering = blocks.FindLastIndex(block => block.Readings[0].At <= from);
        return blocks[Math.Max(0, covering)..];
    }

    public void TrimJournal(long before)
    {
        foreach (long sequence in _journal.Keys.TakeWhile(sequence => sequence < before).ToList())
        {
            _journal.Remove(sequence);
        }
    }

    public bool RebuildAccounts(byte[] facts, Func<DeviceKey, DateOnly, Account> accountOf)
    {
        if (_state.TryGetValue("account-facts", out byte[]? known) && known.AsSpan().SequenceEqual(facts))
        {
            return false;
        }

        _accounts.Clear();
        foreach (((int device, DateOnly day), EnergyByQuality energy) in _days)
        {
            (Account, DateOnly) key = (accountOf(_devices[device].Key, day), day);
            _accounts[key] = _accounts.GetValueOrDefault(key) + energy;
        }

        _state["account-facts"] = facts;
        return true;
    }

    public IReadOnlyList<ReadingBlock> BlocksUntil(int device, Instant before) =>
        [.. _blocks.GetValueOrDefault(device, []).TakeWhile(block => block.Readings[^1].At < before)];

    public HoursStand? HoursStand(int device) => _stands.GetValueOrDefault(device);

    public IReadOnlyList<(DateOnly Day, IReadOnlyList<DeviceHour> Hours)> Hours(int device) =>
        [.. _hours.Where(day => day.Key.Device == device).Select(day => (day.Key.Day, day.Value))];

    public IReadOnlyList<DeviceHour> HoursOf(int device, DateOnly day) => _hours.GetValueOrDefault((device, day), []);

    byte[]? ILedgerSnapshot.State(string key) => _state.GetValueOrDefault(key);

    IEnumerable<DeviceRow> ILedgerSnapshot.Devices() => _devices;

    IEnumerable<DeviceStateRow> ILedgerSnapshot.DeviceStates() => _states.Values;

    IEnumerable<JournalRow> ILedgerSnapshot.Journal() => _journal.Values;

    IEnumerable<Redelivery> ILedgerSnapshot.Redeliveries() => _redeliveries.Values;

    public IEnumerable<DeviceDay> DeviceDays() => _days.Select(day => new DeviceDay(_devices[day.Key.Device].Key, day.Key.Day, day.Value));

    public IEnumerable<(Account Account, DateOnly Day, EnergyByQuality Energy)> AccountDays() =>
        _accounts.Select(account => (account.Key.Account, account.Key.Day, account.Value));

    public IEnumerable<GapRow> Gaps() => _gaps.Select(gap => new GapRow(_devices[gap.Key.Device].Key, gap.Value));

    public IEnumerable<MeterEventRow> MeterEvents() =>
        _events.Select(happened => new MeterEventRow(_devices[happened.Key.Device].Key, happened.Value));

    public IEnumerable<QuarantineEntry> Quarantine() => _quarantine.Values;

    public IEnumerable<SessionGap> SessionGaps() => _sessionGaps;

    public IEnumerable<AnomalyRecord> StandingAnomalies() => _anomalies.Values.Where(anomaly => anomaly.Cleared is null);

    public AnomalyRecord? Anomaly(string id) => _anomalies.GetValueOrDefault(id);

    public IEnumerable<AlertEvent> AlertEvents() => _alertEvents;

    public IEnumerable<PointReject> PointRejects() => _pointRejects;

    IEnumerable<OutboxRow> ILedgerSnapshot.Outbox(long after, int limit) =>
        _outbox.Where(entry => entry.Key > after).Take(limit).Select(entry => new OutboxRow(entry.Key, entry.Value));

    (long Entries, long Bytes, Instant? Oldest) ILedgerSnapshot.OutboxDepth() => (
        _outbox.Count,
        _outbox.Values.Sum(entry => (long)entry.Lines.Length),
        _outbox.Count > 0 ? _outbox.Values.Min(entry => entry.Windows) : null);

    private void WriteAccounts(Dictionary<(Account Account, DateOnly Day), EnergyByQuality> accounts)
    {
        foreach (((Account Account, DateOnly Day) key, EnergyByQuality energy) in accounts)
        {
            _accounts[key] = _accounts.GetValueOrDefault(key) + energy;
        }
    }

    private void Write(DeviceCheckpoint checkpoint)
    {
        int device = checkpoint.DeviceId;
        _states[device] = new DeviceStateRow(device, checkpoint.AppliedSequence, [.. checkpoint.State]);
        foreach ((DateOnly day, EnergyByQuality energy) in checkpoint.Days)
        {
            _days[(device, day)] = _days.GetValueOrDefault((device, day)) + energy;
        }

        foreach (MeterNote note in checkpoint.Notes)
        {
            Write(device, note);
        }

        List<ReadingBlock> blocks = _blocks.TryGetValue(device, out List<ReadingBlock>? kept) ? kept : _blocks[device] = [];
        if (checkpoint.Blocks.Count > 0)
        {
            blocks.RemoveAll(block => block.Readings[0].At >= checkpoint.Blocks[0].Readings[0].At);
        }

        blocks.AddRange(checkpoint.Blocks.Select(block => block with { Readings = [.. block.Readings] }));
    }

    private void Write(int device, in MeterNote note)
    {
        if (note.Gap is { } gap)
        {
            _gaps[(device, gap.From, gap.To)] = gap;
        }
        else if (note.Event is { } happened)
        {
            _events[(device, happened.At, happened.Kind)] = happened;
        }
        else if (note.CoverGapsFrom is { } covered)
        {
            Remove(_gaps, entry => entry.Key.Device == device && entry.Key.From >= covered && entry.Value.Reason == GapReason.NoPower);
        }
        else if (note.RestartAt is { } restart)
        {
            Remove(_gaps, entry => entry.Key.Device == device && entry.Value.FoundAt >= restart);
            Remove(_events, entry => entry.Key.Device == device && entry.Key.At >= restart && entry.Key.Kind != MeterEventKind.Conflict);
        }
    }

    private static void Remove<TKey, TValue>(Dictionary<TKey, TValue> table, Func<KeyValuePair<TKey, TValue>, bool> which)
        where TKey : notnull
    {
        foreach (KeyValuePair<TKey, TValue> entry in table.Where(which).ToList())
        {
            table.Remove(entry.Key);
        }
    }
}
