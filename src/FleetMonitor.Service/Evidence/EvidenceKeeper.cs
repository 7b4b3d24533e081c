using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Evidence;

/// <summary>
/// Keeps readings for as long as they are asked for and within their disk budget, and hours for as long as a tax register has to be kept. The
/// work is done between batches, a few devices at a time.
/// </summary>
internal sealed class EvidenceKeeper(Engine engine, LedgerSettings settings)
{
    /// <summary>A device's readings go a day's worth at a time: each piece that goes writes its day's hours anew.</summary>
    private static readonly TimeSpan AtATime = TimeSpan.FromDays(1);

    /// <summary>A day of readings of so many devices is metered between two batches.</summary>
    private const int DevicesAtOnce = 8;

    /// <summary>More than a full site's share of a minute, so that what piled up is worked off.</summary>
    private const int DevicesATurn = 400;
    private const int DevicesPruned = 1_000;

    private int _pruned;

    /// <summary>Lets go of what is too old or too much, as far as one turn goes.</summary>
    /// <returns>How many readings went, by reason.</returns>
    /// <exception cref="LedgerException">The ledger failed.</exception>
    public async Task<IReadOnlyDictionary<string, long>> TurnAsync(Instant now, CancellationToken cancellation)
    {
        var gone = new Dictionary<string, long>();
        Instant oldest = now.Minus(settings.KeepReadings);
        Instant? overBudget = null;
        IReadOnlyList<int> devices;
        using (LedgerReader reader = LedgerReader.Open(engine.Ledger.Files))
        {
            devices = reader.DevicesWithBlocksBefore(oldest.Minus(AtATime), DevicesATurn);
            if (devices.Count == 0 && reader.EvidenceSize().Bytes > settings.MaxEvidence && reader.OldestBlockEnd() is { } end)
            {
                overBudget = end.Plus(AtATime);
                devices = reader.DevicesWithBlocksBefore(overBudget.Value, DevicesATurn);
            }

            (engine.Counters.EvidenceBytes, engine.Counters.EvidenceDropped) = (reader.EvidenceSize().Bytes, reader.EvidenceDroppedCounts());
        }

        foreach (int[] some in devices.Chunk(DevicesAtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            string reason = overBudget is null ? EvidenceRoll.Age : EvidenceRoll.Budget;
            long readings = await engine.Loop.AskAsync(decider => LetGo(decider, some, overBudget ?? oldest, reason));
            gone[reason] = gone.GetValueOrDefault(reason) + readings;
        }

        await engine.Loop.AskAsync(decider => Prune(decider, now));
        return gone;
    }

    /// <summary>Lets blocks of some devices go with the commit that is under way.</summary>
    /// <returns>How many readings.</returns>
    private long LetGo(Decider decider, int[] devices, Instant before, string reason)
    {
        EvidenceLetGo[] going = [.. devices.Select(id => EvidenceRoll.Of(decider.Shards.Devices[id], engine.Ledger, before, reason)).OfType<EvidenceLetGo>()];
        decider.Add(commit => commit.LetGo.AddRange(going));
        return going.Sum(letGo => letGo.Readings);
    }

    private bool Prune(Decider decider, Instant now)
    {
        int to = Math.Min(_pruned + DevicesPruned, decider.Shards.Devices.Count);
        DateOnly today = DayCalendar.Of(engine.Fleet.DefaultTimeZone).DateOf(now);
        engine.Ledger.PruneHours(_pruned, to, today.AddYears(-settings.KeepHoursYears));
        _pruned = to == decider.Shards.Devices.Count ? 0 : to;
        return true;
    }
}
