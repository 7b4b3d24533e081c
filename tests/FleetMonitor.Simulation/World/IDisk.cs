using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Metering;

namespace FleetMonitor.Simulation.World;

/// <summary>What outlives the process.</summary>
internal interface IDisk : IDisposable
{
    /// <summary>Opens the ledger for writing, as a process that starts does.</summary>
    IDiskLedger Open();

    IDiskView Read();

    /// <summary>The power goes while a commit is being written: part of it is on the disk, and the open ledger is gone.</summary>
    void Tear(IDiskLedger ledger, LedgerCommit commit);
}

/// <summary>The ledger as the one that writes it sees it.</summary>
internal interface IDiskLedger : ILedger
{
    bool RebuildAccounts(byte[] facts, Func<DeviceKey, DateOnly, Account> accountOf);
}

/// <summary>The ledger as one that reads it sees it.</summary>
internal interface IDiskView : ILedgerSnapshot, IDisposable
{
    IEnumerable<DeviceDay> DeviceDays();

    IEnumerable<(Account Account, DateOnly Day, EnergyByQuality Energy)> AccountDays();

    IEnumerable<GapRow> Gaps();

    IEnumerable<MeterEventRow> MeterEvents();

    IEnumerable<QuarantineEntry> Quarantine();

    IEnumerable<SessionGap> SessionGaps();

    /// <summary>Points that the time-series store refused for good, in the order in which they were kept.</summary>
    IEnumerable<PointReject> PointRejects();

    /// <summary>All that became of alerts, in the order in which it was kept.</summary>
    IEnumerable<AlertEvent> AlertEvents();

    IReadOnlyList<ReadingBlock> BlocksFrom(int device, Instant from);

    /// <summary>All hours of a device, by day.</summary>
    IReadOnlyList<(DateOnly Day, IReadOnlyList<DeviceHour> Hours)> Hours(int device);

    HoursStand? HoursStand(int device);
}
