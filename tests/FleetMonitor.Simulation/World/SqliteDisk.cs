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

    /// <summary>Takes what the commit appended to the log, and keeps only part of it: that is what a disk may do before its fsync.</summary>
    public void Tear(IDiskLedger ledger, LedgerCommit commit)
    {
        string log = Path.Combine(_directory, "ledger.db-wal");
        long before = File.Exists(log) ? new FileInfo(log).Length : 0;
        ledger.Commit(commit);
        string torn = Path.Combine(_root.FullName, $"torn-{++_torn}");
        Directory.CreateDirectory(torn);
        foreach (string file in (string[])["ledger.db", "ledger.db-wal"])
        {
            File.Copy(Path.Combine(_directory, file), Path.Combine(torn, file));
        }

        using (FileStream copy = File.OpenWrite(Path.Combine(torn, "ledger.db-wal")))
        {
            if (copy.Length > before)
            {
                copy.SetLength(before + _random.NextInt64(copy.Length - before));
            }
        }

        ledger.Dispose();
        _directory = torn;
    }

    public void Dispose() => _root.Delete(recursive: true);

    private sealed class OpenLedger(LedgerWriter writer) : IDiskLedger
    {
        public void Commit(LedgerCommit commit) => writer.Commit(commit);

        public IReadOnlyList<ReadingBlock> BlocksFrom(int device, Instant from) => writer.BlocksFrom(device, from);

        public void TrimJournal(long before) => writer.TrimJournal(before);

        public bool RebuildAccounts(byte[] facts, Func<DeviceKey, DateOnly, Account> accountOf) => writer.RebuildAccounts(facts, accountOf);

        public long DropEvidence(Instant before) => writer.DropEvidence(before);

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

        public IReadOnlyList<ReadingBlock> BlocksFrom(int device, Instant from) => reader.BlocksFrom(device, from);

        public void Dispose() => reader.Dispose();
    }
}
