using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Evidence;
using FleetMonitor.Metering;

namespace FleetMonitor.Ledger.Store;

public sealed partial class LedgerWriter
{
    private const long DayMilliseconds = 86_400_000;

    /// <inheritdoc/>
    public IReadOnlyList<ReadingBlock> BlocksUntil(int device, Instant before) => EvidenceQueries.BlocksUntil(_connection, device, before);

    /// <inheritdoc/>
    public HoursStand? HoursStand(int device) => EvidenceQueries.HoursStand(_connection, device);

    /// <inheritdoc/>
    public IReadOnlyList<DeviceHour> HoursOf(int device, DateOnly day) =>
        EvidenceQueries.Hours(_connection, device, day, day.AddDays(1)).Select(row => row.Hours).FirstOrDefault() ?? [];

    /// <summary>Forgets the hours before a local day, of some devices.</summary>
    public void PruneHours(int fromDevice, int toDevice, DateOnly before)
    {
        using LedgerTransaction transaction = LedgerTransaction.Begin(_statements.Transaction);
        using var prune = new WriteStatement(_connection, "DELETE FROM device_hours WHERE device = $1 AND day < $2");
        using var stand = new WriteStatement(_connection, "UPDATE device_hours_stand SET since = $2 WHERE device = $1 AND since < $2");
        for (int device = fromDevice; device < toDevice; device++)
        {
            prune.Execute(device, before.DayNumber);
            stand.Execute(device, before.DayNumber);
        }

        transaction.Commit();
    }

    private void Write(EvidenceLetGo letGo, Instant now)
    {
        int device = letGo.DeviceId;
        long before = letGo.Before.UnixMilliseconds;
        long bytes = _statements.SizeOfEvidence.Query(row => row.GetInt64(0), device, before).Single();
        _statements.DropEvidence.Execute(device, before);
        foreach ((DateOnly day, IReadOnlyList<DeviceHour> hours) in letGo.Hours)
        {
            _bytes.Clear();
            DeviceHoursCodec.Write(_bytes, hours);
            _statements.Hours.Execute(device, day.DayNumber, Sealed.Seal(_bytes.Written.Span, device, day.DayNumber));
        }

        _bytes.Clear();
        MeterRunCodec.Write(_bytes, letGo.Stand.Run);
        _statements.HoursStand.Execute(device, letGo.Stand.Since.DayNumber, Sealed.Seal(_bytes.Written.Span, device));
        _statements.EvidenceDropped.Execute(
            now.UnixMilliseconds / DayMilliseconds,
            letGo.Reason,
            letGo.Readings,
            bytes,
            letGo.First.UnixMilliseconds,
            letGo.Last.UnixMilliseconds);
    }
}
