using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Metering;

namespace FleetMonitor.Simulation.World;

/// <summary>The real ledger, in a temporary directory.</summary>
internal sealed class SqliteDisk : IDisk
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("fleetmonitor-simulation-");
    private readonly Random _random;
    private int _torn;
    private string _directory;

    public SqliteDisk(int seed)
    {
        _random = new Random(seed);
        _directory = Path.Combine(_root.FullName, "ledger");
    }

    public IDiskLedger Open() => new OpenLedger(LedgerWriter.Open(new LedgerFiles(_directory)));

    public IDiskView Read() => new View(LedgerReader.Open(new LedgerFiles(_directory)));

    /// <summary>Of what the commit wrote to the log, keeps only a first part: that is what a disk may do before its fsync.</summary>
    public void Tear(IDiskLedger ledger, LedgerCommit commit)
    {
        byte[] before = ReadLog();
        ledger.Commit(commit);
        byte[] after = ReadLog();
        int first = after.AsSpan().CommonPrefixLength(before);
        int last = after.Length - 1;
        while (last > first && last < before.Length && after[last] == before[last])
        {
            last--;
        }

        int cut = _random.Next(first, last + 1);
        string torn = Path.Combine(_root.FullName, $"torn-{++_torn}");
        Directory.CreateDirectory(torn);
        File.Copy(Path.Combine(_directory, "ledger.db"), Path.Combine(torn, "ledger.db"));
        File.WriteAllBytes(Path.Combine(torn, "ledger.db-wal"), [.. after.AsSpan(0, cut), .. before.AsSpan(Math.Min(cut, before.Length))]);
        ledger.Dispose();
        _directory = torn;
    }

    private byte[] ReadLog()
    {
        string log = Path.Combine(_directory, "ledger.db-wal");
        if (!File.Exists(log))
        {
            return [];
        }

        using var stream = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    public void Dispose() => _root.Delete(recursive: true);

    private sealed class OpenLedger(LedgerWriter writer) : IDiskLedger
    {
        public void Commit(LedgerCommit commit) => writer.Commit(commit);

        public IReadOnlyList<ReadingBlock> BlocksFrom(int device, Instant from) => writer.BlocksFrom(device, from);

        public void TrimJournal(long before) => writer.TrimJournal(before);

        public bool RebuildAccounts(byte[] facts, Func<DeviceKey, DateOnly, Account> accountOf) => writer.RebuildAccounts(facts, accountOf);

        public IReadOnlyList<ReadingBlock> BlocksUntil(int device, Instant before) => writer.BlocksUntil(device, before);

        public HoursStand? HoursStand(int device) => writer.HoursStand(device);

        public IReadOnlyList<DeviceHour> HoursOf(int device, DateOnly day) => writer.HoursOf(device, day);

        public void Dispose() => writer.Dispose();
    }

    private sealed class View(LedgerReader reader) : IDiskView
    {
        private static readonly Instant First = new(long.MinValue);
        private static readonly Instant Last = new(long.MaxValue);

        public long LastSequence => reader.LastSequence;

        public byte[]? State(string key) => reader.State(key);

        public IEnumerable<DeviceRow> Devices() => reader.Devices();

        public IEnumerable<DeviceStateRow> DeviceStates() => reader.DeviceStates();

        public IEnumerable<JournalRow> Journal() => reader.Journal();

        public IEnumerable<Redelivery> Redeliveries() => reader.Redeliveries();

        public IEnumerable<DeviceDay> DeviceDays() => reader.DeviceDays(null, null, null);

        public IEnumerable<(Account Account, DateOnly Day, EnergyByQuality Energy)> AccountDays() => reader.AccountDays(null, null, null);

        public IEnumerable<GapRow> Gaps() => reader.Gaps(null, First, Last);

        public IEnumerable<MeterEventRow> MeterEvents() => reader.MeterEvents(null, First, Last);

        public IEnumerable<QuarantineEntry> Quarantine() => reader.Quarantine(null, 0, int.MaxValue).Select(row => row.Entry);

        public IEnumerable<SessionGap> SessionGaps() => reader.SessionGaps();

        public IEnumerable<AnomalyRecord> StandingAnomalies() => reader.StandingAnomalies();

        public AnomalyRecord? Anomaly(string id) => reader.Anomaly(id);

        public IEnumerable<AlertEvent> AlertEvents() => reader.AlertEventsToTell(0, int.MaxValue).Select(row => row.Event);

        public IEnumerable<OutboxRow> Outbox(long after, int limit) => reader.Outbox(after, limit);

        public (long Entries, long Bytes, Instant? Oldest) OutboxDepth() => reader.OutboxDepth();

        public IEnumerable<PointReject> PointRejects() => reader.PointRejects(int.MaxValue).Reverse();

        public IReadOnlyList<ReadingBlock> BlocksFrom(int device, Instant from) => reader.BlocksFrom(device, from);

        public IReadOnlyList<(DateOnly Day, IReadOnlyList<DeviceHour> Hours)> Hours(int device) =>
            reader.Hours(device, DateOnly.MinValue, DateOnly.MaxValue);

        public HoursStand? HoursStand(int device) => reader.HoursStand(device);

        public void Dispose() => reader.Dispose();
    }
}
