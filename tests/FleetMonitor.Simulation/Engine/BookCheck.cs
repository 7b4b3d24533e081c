using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Service.Evidence;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Simulation.Model;
using FleetMonitor.Simulation.World;

namespace FleetMonitor.Simulation.Engine;

/// <summary>Holds the books against what the naive model makes of the truth.</summary>
internal sealed class BookCheck(Truth truth, Action<string> onViolation)
{
    /// <param name="overlay">What came since the checkpoints.</param>
    /// <param name="whose">Who says so.</param>
    public void Totals(IDiskView view, IReadOnlyList<DeviceDay> overlay, FleetSnapshot fleet, FleetModel model, string whose)
    {
        var days = new Dictionary<DeviceKey, Dictionary<DateOnly, ModelEnergy>>();
        foreach (DeviceDay day in view.DeviceDays().Concat(overlay))
        {
            Dictionary<DateOnly, ModelEnergy> device = days.TryGetValue(day.Key, out var found) ? found : days[day.Key] = [];
            device[day.Day] = device.GetValueOrDefault(day.Day) + Of(day.Energy);
        }

        foreach (DeviceKey key in model.Devices.Keys.Union(days.Keys))
        {
            string actual = new ModelBooks(days.GetValueOrDefault(key, []), [], []).Describe();
            string expected = new ModelBooks(model.Of(key).Days, [], []).Describe();
            if (actual != expected)
            {
                onViolation($"The books of {key}, by {whose}\n{actual}and by the model\n{expected}");
                return;
            }
        }

        Billed(view, overlay, fleet, model);
    }

    /// <summary>Whatever died in between: what was raised is not raised again before it was cleared, and nothing else is cleared.</summary>
    public void Alerts(IDiskView view)
    {
        var raised = new HashSet<string>(StringComparer.Ordinal);
        foreach (AlertEvent happened in view.AlertEvents())
        {
            bool right = happened.Event switch
            {
                "raised" => raised.Add(happened.Anomaly),
                "cleared" => raised.Remove(happened.Anomaly),
                _ => raised.Contains(happened.Anomaly),
            };
            if (!right)
            {
                onViolation($"The alert {happened.Anomaly} was {happened.Event} out of turn");
                return;
            }
        }

        foreach (string gone in raised.Except(view.StandingAnomalies().Select(anomaly => anomaly.Id)))
        {
            onViolation($"The alert {gone} was raised and not cleared, and does not stand");
            return;
        }
    }

    /// <summary>The sums by account are those of the device-days, as the facts stand.</summary>
    public void Accounts(IDiskView view, FleetSnapshot fleet)
    {
        var expected = new Dictionary<(Account, DateOnly), EnergyByQuality>();
        foreach (DeviceDay day in view.DeviceDays())
        {
            (Account, DateOnly) key = (Service.Pipeline.Accounts.Of(fleet.Site(day.Key.Site), day.Key, day.Day), day.Day);
            expected[key] = expected.GetValueOrDefault(key) + day.Energy;
        }

        foreach ((Account account, DateOnly day, EnergyByQuality energy) in view.AccountDays())
        {
            expected[(account, day)] = expected.GetValueOrDefault((account, day)) - energy;
        }

        foreach (((Account account, DateOnly day), EnergyByQuality off) in expected)
        {
            if (off != EnergyByQuality.Zero)
            {
                onViolation($"{account} on {day:O} is off the sum of its devices by {off}");
                return;
            }
        }
    }

    /// <summary>All checkpoints are made: gaps and events are in the ledger.</summary>
    public void GapsAndEvents(IDiskView view, FleetModel model)
    {
        ILookup<DeviceKey, ModelGap> gaps = view.Gaps().ToLookup(row => row.Key, row => new ModelGap(
            row.Gap.From,
            row.Gap.To,
            row.Gap.Reason == GapReason.NoPower ? ModelGapReason.NoPower : ModelGapReason.RegisterUnusable));
        ILookup<DeviceKey, MeterEvent> events = view.MeterEvents().ToLookup(row => row.Key, row => row.Event);
        foreach ((DeviceKey key, ModelBooks books) in model.Devices)
        {
            string actual = new ModelBooks([], gaps[key], events[key]).Describe();
            string expected = new ModelBooks([], books.Gaps, books.Events).Describe();
            if (actual != expected)
            {
                onViolation($"Gaps and events of {key}, by the ledger\n{actual}and by the model\n{expected}");
                return;
            }
        }
    }

    /// <summary>All checkpoints are made: what is kept proves each device-day, whatever was let go.</summary>
    public void Evidence(IDiskView view)
    {
        var codec = new DeviceStateCodec(MeterContexts.Load(view.State(MeterContexts.StateKey)));
        ILookup<DeviceKey, DeviceDay> books = view.DeviceDays().ToLookup(day => day.Key);
        ILookup<DeviceKey, Gap> gaps = view.Gaps().ToLookup(row => row.Key, row => row.Gap);
        ILookup<DeviceKey, MeterEvent> events = view.MeterEvents().ToLookup(row => row.Key, row => row.Event);
        Dictionary<int, DeviceStateRow> states = view.DeviceStates().ToDictionary(row => row.DeviceId);
        foreach (DeviceRow row in view.Devices())
        {
            var device = new TrackedDevice(row.Id, row.Key, new ShardMemory());
            codec.Read(states[row.Id].State, device);
            var proof = new EvidenceProof(device, view.BlocksFrom(row.Id, new Instant(long.MinValue)), view.Hours(row.Id), view.HoursStand(row.Id));
            string? off = proof.Fault(
                new DeviceBook(books[row.Key].ToDictionary(day => day.Day, day => day.Energy), [.. gaps[row.Key]], [.. events[row.Key]]));
            if (off is not null || !proof.IsWhole)
            {
                onViolation($"The evidence of {row.Key}{off ?? " does not go back to its first reading"}");
                return;
            }
        }
    }

    public void Quarantine(IDiskView view)
    {
        var kept = view.Quarantine().Select(entry => (
            System.Text.Encoding.UTF8.GetString(entry.Topic.Span), System.Text.Encoding.UTF8.GetString(entry.Payload.Span), entry.ReceivedAt))
            .ToList();
        if (!truth.Refused.ToHashSet().SetEquals(kept) || kept.Count != truth.Refused.Count)
        {
            onViolation(
                $"Quarantine holds {kept.Count} messages\n{string.Join('\n', kept.Except(truth.Refused))}\n"
                + $"and should hold {truth.Refused.Count}\n{string.Join('\n', truth.Refused.Except(kept))}");
        }
    }

    /// <summary>What is billed (S12), from the ledger's sums by account and what came since.</summary>
    private void Billed(IDiskView view, IReadOnlyList<DeviceDay> overlay, FleetSnapshot fleet, FleetModel model)
    {
        IEnumerable<SiteDay> siteDays = view.AccountDays()
            .Select(row => Service.Pipeline.Accounts.SiteDay(row.Account, row.Day, row.Energy))
            .Concat(Billing.RollUp(overlay, fleet.Site));
        var actual = new Dictionary<(string, DateOnly), ModelEnergy>();
        foreach (SiteDay day in siteDays.Where(day => day.Class == Billing.Billed(fleet.Site(day.Site))))
        {
            actual[(day.Site, day.Day)] = actual.GetValueOrDefault((day.Site, day.Day)) + Of(day.Energy);
        }

        foreach ((string site, DateOnly day) in actual.Keys.Union(model.Billed.Keys))
        {
            ModelEnergy billed = actual.GetValueOrDefault((site, day));
            ModelEnergy expected = model.Billed.GetValueOrDefault((site, day));
            if (billed != expected)
            {
                onViolation($"{site} is billed {billed} on {day:O}, by the model {expected}");
                return;
            }
        }
    }

    private static ModelEnergy Of(in EnergyByQuality energy) => new(
        energy.Register.MicrowattHours, energy.Integrated.MicrowattHours, energy.Estimated.MicrowattHours);
}

/// <summary>What the naive model makes of all devices, and of what each site is billed.</summary>
internal sealed record FleetModel(
    IReadOnlyDictionary<DeviceKey, ModelBooks> Devices, IReadOnlyDictionary<(string Site, DateOnly Day), ModelEnergy> Billed)
{
    private static readonly ModelBooks Nothing = new([], [], []);

    public ModelBooks Of(DeviceKey key) => Devices.GetValueOrDefault(key, Nothing);
}
