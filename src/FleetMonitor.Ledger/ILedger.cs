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

    /// <summary>Forgets the journal before a sequence: every device's state has moved past it.</summary>
    /// <exception cref="LedgerFullException">There is no room to do so; nothing was forgotten.</exception>
    void TrimJournal(long before);
}
