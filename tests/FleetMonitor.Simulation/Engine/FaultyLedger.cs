using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Metering;
using FleetMonitor.Simulation.World;

namespace FleetMonitor.Simulation.Engine;

/// <summary>A ledger to which the world's faults happen. Once the process is dead, nothing of it reaches the disk any more.</summary>
internal sealed class FaultyLedger(
    IDisk disk, IDiskLedger inner, Action<LedgerCommit> onDurable, Action<bool> breakConnections, Action<string> onViolation) : ILedger
{
    private Fault? _next;
    private int _refusals;
    private bool _torn;

    public bool IsDead { get; private set; }

    /// <summary>A sync has failed: nobody knows what is on the disk, and the process is to end.</summary>
    public bool HasFailed { get; private set; }

    public void Arm(Fault fault)
    {
        _next = fault;
        _refusals = fault.Times;
    }

    /// <summary>The process is gone.</summary>
    public void Kill() => IsDead = true;

    public void Commit(LedgerCommit commit)
    {
        ThrowIfDead();
        // Between a broker's new session and the commit that notes it, a dead process leaves no trace that a session was lost.
        if (_next is not { } fault || fault.Kind == FaultKind.TrimFull || commit.SessionGaps.Count > 0)
        {
            Write(commit);
            return;
        }

        switch (fault.Kind)
        {
            case FaultKind.Full when _refusals-- > 0:
                throw new LedgerFullException("The disk is full.", new IOException("No space left on device"));
            case FaultKind.CrashLost:
                throw Die();
            case FaultKind.CrashTorn:
                disk.Tear(inner, commit);
                _torn = true;
                throw Die();
            case FaultKind.CrashDurable:
                Write(commit);
                throw Die();
            case FaultKind.SyncFailed:
                if (fault.Times % 2 == 0)
                {
                    Write(commit);
                }

                HasFailed = true;
                throw new LedgerException("Input/output error");
            case FaultKind.DropMeanwhile or FaultKind.ReconnectMeanwhile:
                _next = null;
                breakConnections(fault.Kind == FaultKind.ReconnectMeanwhile);
                Write(commit);
                break;
            default:
                _next = null;
                Write(commit);
                break;
        }
    }

    public IReadOnlyList<ReadingBlock> BlocksFrom(int device, Instant from) => inner.BlocksFrom(device, from);

    public void TrimJournal(long before)
    {
        ThrowIfDead();
        if (_next is { Kind: FaultKind.TrimFull })
        {
            _next = null;
            throw new LedgerFullException("The disk is full.", new IOException("No space left on device"));
        }

        inner.TrimJournal(before);
    }

    public bool RebuildAccounts(byte[] facts, Func<DeviceKey, DateOnly, Account> accountOf) => inner.RebuildAccounts(facts, accountOf);

    public IReadOnlyList<ReadingBlock> BlocksUntil(int device, Instant before) => inner.BlocksUntil(device, before);

    public HoursStand? HoursStand(int device) => inner.HoursStand(device);

    public IReadOnlyList<DeviceHour> HoursOf(int device, DateOnly day) => inner.HoursOf(device, day);

    public void Dispose()
    {
        if (!_torn)
        {
            inner.Dispose();
        }
    }

    private void Write(LedgerCommit commit)
    {
        inner.Commit(commit);
        onDurable(commit);
    }

    private LedgerException Die()
    {
        IsDead = true;
        return new LedgerException("The process is dead.");
    }

    private void ThrowIfDead()
    {
        if (IsDead)
        {
            throw new LedgerException("The process is dead.");
        }

        if (HasFailed)
        {
            onViolation("The process went on writing after a failed sync");
            throw new LedgerException("Input/output error");
        }
    }
}
