using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Encoding;
using FleetMonitor.Ledger.Evidence;
using FleetMonitor.Metering;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FleetMonitor.Ledger.Store;

/// <summary>
/// The one writer of a ledger: a commit is a transaction, and has returned from its fsync when <see cref="Commit"/> returns. Not thread-safe:
/// the pipeline's loop owns it.
/// </summary>
public sealed partial class LedgerWriter : ILedger
{
    /// <summary>The named value that holds a digest of the facts that the accounts are summed by.</summary>
    public const string AccountFacts = "account-facts";

    private readonly FileStream _lock;
    private readonly SqliteConnection _connection;
    private readonly WriterStatements _statements;
    private readonly ByteWriter _bytes = new();

    private LedgerWriter(LedgerFiles files, FileStream heldLock, SqliteConnection connection)
    {
        Files = files;
        _lock = heldLock;
        _connection = connection;
        _statements = new WriterStatements(connection);
    }

    public LedgerFiles Files { get; }

    /// <summary>Opens a ledger for writing, or makes a new one.</summary>
    /// <param name="progress">Hears what is done to bring a ledger of an older version up to date.</param>
    /// <exception cref="LedgerException">It is in use, damaged, another program's or a newer version's.</exception>
    public static LedgerWriter Open(LedgerFiles files, Action<string>? progress = null)
    {
        FileStream heldLock = files.TakeLock();
        SqliteConnection? connection = null;
        try
        {
            connection = files.OpenWriter();
            LedgerSchema.Migrate(connection, files.Database, progress: progress);
            return new LedgerWriter(files, heldLock, connection);
        }
        catch (SqliteException e)
        {
            connection?.Dispose();
            heldLock.Dispose();
            throw SqliteFailures.Named(e);
        }
        catch
        {
            connection?.Dispose();
            heldLock.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Commit(LedgerCommit commit)
    {
        try
        {
            using LedgerTransaction transaction = LedgerTransaction.Begin(_statements.Transaction);
            Write(commit);
            transaction.Commit();
        }
        catch (SqliteException e)
        {
            throw SqliteFailures.Named(e);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ReadingBlock> BlocksFrom(int device, Instant from) => EvidenceQueries.BlocksFrom(_connection, device, from);

    /// <inheritdoc/>
    public void TrimJournal(long before)
    {
        try
        {
            _statements.TrimJournal.Execute(before);
        }
        catch (SqliteException e)
        {
            throw SqliteFailures.Named(e);
        }
    }

    /// <summary>
    /// Sums all device-days to accounts anew, where the facts that say which account a device belongs to have changed since the last time.
    /// </summary>
    /// <param name="facts">A digest of those facts.</param>
    /// <returns>False where nothing had changed.</returns>
    public bool RebuildAccounts(byte[] facts, Func<DeviceKey, DateOnly, Account> accountOf)
    {
        using var known = new ReadStatement(_connection, "SELECT value FROM state WHERE key = $1");
        if (known.Query(row => (byte[])row[0], AccountFacts).FirstOrDefault() is { } before && before.AsSpan().SequenceEqual(facts))
        {
            return false;
        }

        using LedgerTransaction transaction = LedgerTransaction.Begin(_statements.Transaction);
        var sums = new Dictionary<(Account Account, DateOnly Day), EnergyByQuality>();
        using var days = new ReadStatement(
            _connection,
            "SELECT d.site, d.device, b.day, b.register, b.integrated, b.estimated FROM device d JOIN device_day b ON b.device = d.id");
        foreach ((DeviceKey device, DateOnly day, EnergyByQuality energy) in days.Query(row => (
                     new DeviceKey(row.GetString(0), row.GetString(1)),
                     DateOnly.FromDayNumber(row.GetInt32(2)),
                     new EnergyByQuality(new Energy(row.GetInt64(3)), new Energy(row.GetInt64(4)), new Energy(row.GetInt64(5))))))
        {
            (Account, DateOnly) key = (accountOf(device, day), day);
            sums[key] = sums.GetValueOrDefault(key) + energy;
        }

        LedgerSchema.Execute(_connection, "DELETE FROM account_day");
        WriteAccounts(sums);
        _statements.State.Execute(AccountFacts, facts);
        transaction.Commit();
        return true;
    }

    /// <summary>Lets the oldest refused messages go, up to and with that one, but no more than so many at a time.</summary>
    /// <returns>How many went.</returns>
    public int TrimQuarantine(long upTo, int atMost) => _statements.TrimQuarantine.Execute(upTo, atMost);

    /// <summary>Lets the oldest points that the time-series store refused go where more than <paramref name="most"/> lots of them are kept.</summary>
    /// <returns>How many lots went.</returns>
    public int TrimPointRejects(int most) => _statements.TrimPointRejects.Execute(most);

    /// <summary>
    /// Makes closing leave its files as they are: else SQLite would bring the write-ahead log into the database, of which something is off.
    /// </summary>
    public void LeaveAsItIs() => SqliteException.ThrowExceptionForRC(
        raw.sqlite3_db_config(_connection.Handle!, raw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, out _), _connection.Handle!);

    public void Dispose()
    {
        _statements.Dispose();
        _connection.Dispose();
        _lock.Dispose();
    }

    private void Write(LedgerCommit commit)
    {
        if (!commit.Journal.IsEmpty)
        {
            _statements.Journal.Execute(
                commit.Sequence,
                commit.Now.UnixMilliseconds,
                Sealed.Seal(commit.Journal.Span, commit.Sequence, commit.Now.UnixMilliseconds));
        }

        foreach (NewDevice device in commit.NewDevices)
        {
            _statements.Device.Execute(device.Id, device.Key.Site, device.Key.Device, device.FirstSeen.UnixMilliseconds);
        }

        Write(commit.Postings, commit.NotDue);
        foreach (EvidenceLetGo letGo in commit.LetGo)
        {
            Write(letGo, commit.Now);
        }

        (int blocks, long bytes) = (0, 0);
        foreach (DeviceCheckpoint checkpoint in commit.Checkpoints)
        {
            Write(checkpoint);
            foreach (ReadingBlock block in checkpoint.Blocks)
            {
                blocks++;
                bytes += Write(checkpoint.DeviceId, block);
            }
        }

        if (blocks > 0)
        {
            _statements.EvidenceCame.Execute(blocks, bytes);
        }

        WriteAccounts(commit.Accounts);
        Write(commit.Filings);
        Write(commit.FiledSources);
        foreach (long id in commit.QuarantineRetried)
        {
            _statements.QuarantineRetried.Execute(id);
        }

        foreach (QuarantineEntry entry in commit.Quarantine)
        {
            _statements.Quarantine.Execute(
                entry.ReceivedAt.UnixMilliseconds,
                entry.Source,
                entry.Reason,
                entry.Where,
                entry.Detail,
                entry.Topic.ToArray(),
                entry.Payload.ToArray(),
                (long)entry.Fingerprint);
        }

        foreach (LateReading late in commit.LateReadings)
        {
            _bytes.Clear();
            ReadingBlockCodec.Write(_bytes, [late.Reading]);
            _statements.LateReading.Execute(
                late.DeviceId, late.Reading.At.UnixMilliseconds, late.ReceivedAt.UnixMilliseconds, _bytes.ToArray());
        }

        WriteAlerts(commit);
        foreach (OutboxEntry entry in commit.Outbox)
        {
            _statements.Outbox.Execute(entry.Windows.UnixMilliseconds, entry.Points, entry.Lines);
        }

        foreach (long id in commit.OutboxDone)
        {
            _statements.OutboxDone.Execute(id);
        }

        foreach (PointReject reject in commit.PointRejects)
        {
            _statements.PointReject.Execute(reject.At.UnixMilliseconds, reject.Reason, reject.Points, reject.Lines);
        }

        foreach (SessionGap gap in commit.SessionGaps)
        {
            _statements.SessionGap.Execute(gap.Source, gap.From.UnixMilliseconds, gap.To.UnixMilliseconds, gap.Detail);
        }

        foreach ((string source, ushort packetId) in commit.RedeliveriesGone)
        {
            _statements.RedeliveryGone.Execute(source, packetId);
        }

        foreach (Redelivery redelivery in commit.Redeliveries)
        {
            _statements.Redelivery.Execute(redelivery.Source, redelivery.PacketId, (long)redelivery.Fingerprint);
        }

        foreach ((string key, byte[] value) in commit.State)
        {
            _statements.State.Execute(key, value);
        }
    }

    private void WriteAccounts(Dictionary<(Account Account, DateOnly Day), EnergyByQuality> accounts)
    {
        foreach (((Account account, DateOnly day), EnergyByQuality energy) in accounts)
        {
            _statements.AccountDay.Execute(
                account.Site,
                day.DayNumber,
                account.Class,
                account.Tenant,
                energy.Register.MicrowattHours,
                energy.Integrated.MicrowattHours,
                energy.Estimated.MicrowattHours);
        }
    }

    private void Write(DeviceCheckpoint checkpoint)
    {
        int device = checkpoint.DeviceId;
        _statements.DeviceState.Execute(
            device, checkpoint.AppliedSequence, Sealed.Seal(checkpoint.State, device, checkpoint.AppliedSequence));
        foreach ((DateOnly day, EnergyByQuality energy) in checkpoint.Days)
        {
            _statements.DeviceDay.Execute(
                device,
                day.DayNumber,
                energy.Register.MicrowattHours,
                energy.Integrated.MicrowattHours,
                energy.Estimated.MicrowattHours);
            _statements.Due.Execute(device, day.DayNumber);
        }

        foreach (MeterNote note in checkpoint.Notes)
        {
            if (note.Gap is { } gap)
            {
                _statements.Gap.Execute(
                    device, gap.From.UnixMilliseconds, gap.To.UnixMilliseconds, (int)gap.Reason, gap.FoundAt.UnixMilliseconds);
            }
            else if (note.Event is { } meterEvent)
            {
                _statements.MeterEvent.Execute(
                    device,
                    meterEvent.At.UnixMilliseconds,
                    (int)meterEvent.Kind,
                    meterEvent.Before.MicrowattHours,
                    meterEvent.After.MicrowattHours);
            }
            else if (note.CoverGapsFrom is { } covered)
            {
                _statements.CoverGaps.Execute(device, covered.UnixMilliseconds);
            }
            else if (note.RestartAt is { } restart)
            {
                _statements.VoidGaps.Execute(device, restart.UnixMilliseconds);
                _statements.VoidEvents.Execute(device, restart.UnixMilliseconds);
            }
        }

        if (checkpoint.Blocks.Count > 0)
        {
            _statements.DropBlocks.Execute(device, checkpoint.Blocks[0].Readings[0].At.UnixMilliseconds);
        }
    }

    /// <returns>How many bytes it takes.</returns>
    private int Write(int device, ReadingBlock block)
    {
        long first = block.Readings[0].At.UnixMilliseconds;
        _bytes.Clear();
        MeterRunCodec.Write(_bytes, block.Before);
        byte[] before = Sealed.Seal(_bytes.Written.Span, device, first);
        _bytes.Clear();
        ReadingBlockCodec.Write(_bytes, block.Readings);
        byte[] readings = Sealed.Seal(_bytes.Written.Span, device, first);
        _statements.Evidence.Execute(device, first, block.Readings[^1].At.UnixMilliseconds, block.Readings.Length, before, readings);
        return before.Length + readings.Length;
    }
}
