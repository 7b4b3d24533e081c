using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;

namespace FleetMonitor.Ledger;

/// <summary>
/// The port behind which decided batches become durable: SQLite today, another engine later. Shards are addressed by device, and nothing here
/// assumes that all of them live in one process.
/// </summary>
public interface ILedger : IDisposable
{
    /// <summary>Returns once the whole commit is durable.</summary>
    /// <exception cref="LedgerFullException">There is no room; nothing was written, and the same commit may be tried again.</exception>
    /// <exception cref="LedgerException">Anything else: the state on disk is unknown, and the process has to stop.</exception>
    void Commit(LedgerCommit commit);

    /// <summary>A device's kept blocks, from the one that covers <paramref name="from"/> (or the first one after it) to the newest. Shards
    /// ask side by side, while no commit is under way.</summary>
    IReadOnlyList<ReadingBlock> BlocksFrom(int device, Instant from);

    /// <summary>A device's kept blocks that ended before an instant, in time order.</summary>
    IReadOnlyList<ReadingBlock> BlocksUntil(int device, Instant before);

    /// <summary>How far a device's hours go; null where none of its readings were let go.</summary>
    HoursStand? HoursStand(int device);

    /// <summary>What stays of the readings of a device and local day that were let go, in order; often nothing.</summary>
    IReadOnlyList<DeviceHour> HoursOf(int device, DateOnly day);

    /// <summary>Forgets the journal before a sequence: every device's state has moved past it.</summary>
    /// <exception cref="LedgerFullException">There is no room to do so; nothing was forgotten.</exception>
    void TrimJournal(long before);
}
