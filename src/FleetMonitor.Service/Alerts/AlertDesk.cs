using FleetMonitor.Anomalies;
using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Metering;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Alerts;

/// <summary>
/// Where what the watches say becomes alerts, on the loop and in the same commit as the readings they come from:
/// <code>
///   watches ─▶ book of the site ─▶ anomaly rows (all) ─▶ commit ─▶ feed ─▶ MQTT, Alertmanager, webhook
///                    ▲         └─▶ history, points (what is told)
///                  people
/// </code>
/// </summary>
internal sealed class AlertDesk(AlertOptions options, ShardSet shards, IProjection projection, PipelineCounters counters)
{
    private readonly SortedDictionary<string, SiteDesk> _sites = new(StringComparer.Ordinal);
    private readonly List<AlertChange> _changes = [];
    private readonly List<AnomalyChange> _found = [];
    private int _devicesSeen;

    /// <summary>Rings when something to tell has become durable.</summary>
    public AlertFeed Feed { get; } = new();

    /// <summary>
    /// Takes up what stood when the last process ended. Where a watch and what was kept disagree (a rule has changed its state's form, or a
    /// warm-up ended with the process), the watch is right.
    /// </summary>
    public void Restore(ILedgerSnapshot ledger, Instant now)
    {
        var kept = ledger.StandingAnomalies().Select(row => AlertRecords.Read(row.Json, row.Id)).ToLookup(alert => alert.Anomaly.Site);
        foreach (IGrouping<string, Alert> site in kept)
        {
            _sites.Add(site.Key, new SiteDesk(site.Key, options, shards, site));
        }

        CountDevices();
        foreach ((string site, SiteDesk desk) in _sites)
        {
            if (ledger.State(BalanceKey(site)) is { } state)
            {
                desk.Balance.Restore(state);
            }
        }

        foreach (TrackedDevice device in shards.Devices)
        {
            DeviceWatch watch = device.TakeOutWatch();
            watch.Recall(now, device.Watched, shards.WatchContextOf(device.Key.Site), _found);
            device.PutAway(watch);
        }

        HashSet<string> raised = [.. _found.Select(change => change.Anomaly.Id)];
        foreach (AnomalyChange change in _found.Where(change => ledger.Anomaly(change.Anomaly.Id) is null))
        {
            Take(change);
        }

        foreach (Alert gone in kept.SelectMany(site => site).Where(alert => alert.Anomaly.Device is not null && !raised.Contains(alert.Anomaly.Id)))
        {
            Take(new AnomalyChange(AnomalyChangeType.Cleared, gone.Anomaly with { Cleared = now, Text = "Over: after a restart its rule no longer finds it." }, now));
        }

        _found.Clear();
    }

    public void Take(in AnomalyChange change) => Desk(change.Anomaly.Site).Book.Apply(change, _changes);

    public void Take(TrackedDevice device, in DeviceWindow window) =>
        Desk(device.Key.Site).Balance.Take(device, window, shards.Fleet.Current.Site(device.Key.Site));

    /// <summary>A broker's session concerns whoever publishes there, which may be any site.</summary>
    public void Take(SessionGap gap)
    {
        CountDevices();
        foreach ((string site, SiteDesk desk) in _sites)
        {
            Anomaly anomaly = SessionGaps.Of(site, gap.Source, gap.From, gap.To);
            desk.Book.Apply(new AnomalyChange(AnomalyChangeType.Raised, anomaly, gap.To), _changes);
        }
    }

    /// <summary>Takes what a batch found while time passed in it: in a replay that can be hours, in which many went down together and came back.</summary>
    public void Pass(List<AnomalyChange> found, IReadOnlyList<Instant> ticks)
    {
        // By device where times are the same: which shard found it first says nothing.
        AnomalyChange[] inOrder = [.. found.OrderBy(change => change.At).ThenBy(change => change.Anomaly.Device, StringComparer.Ordinal)];
        int next = 0;
        for (int i = 0; i < ticks.Count; i++)
        {
            int before = next;
            for (; next < inOrder.Length && inOrder[next].At <= ticks[i]; next++)
            {
                Take(inOrder[next]);
            }

            if (next > before || i == ticks.Count - 1 || _sites.Values.Any(desk => desk.Book.Standing.Count > 0))
            {
                Tick(ticks[i]);
            }
        }

        foreach (AnomalyChange change in inOrder[next..])
        {
            Take(change);
        }
    }

    private void Tick(Instant now)
    {
        CountDevices();
        foreach ((string site, SiteDesk desk) in _sites)
        {
            desk.Tick(now, LevyPerKwh(site, now), shards.WatchContextOf(site).Curtailments, _found, _changes);
        }
    }

    /// <summary>Does what a person asked for.</summary>
    /// <returns>The alert as it then is; null where none of that id stands.</returns>
    public Alert? Act(Func<AlertBook, List<AlertChange>, Alert?> act) =>
        _sites.Values.Select(desk => act(desk.Book, _changes)).FirstOrDefault(alert => alert is not null);

    /// <summary>Puts what happened since the last commit into this one.</summary>
    public void Complete(LedgerCommit commit)
    {
        foreach (AlertChange change in _changes)
        {
            string json = AlertRecords.Json(change.Alert);
            commit.Anomalies.Add(AlertRecords.Of(change.Alert, json));
            if (change.IsHistory)
            {
                commit.AlertEvents.Add(AlertRecords.EventOf(change, json));
            }

            if (change.Tell)
            {
                Tell(change);
            }
        }

        _changes.Clear();
        foreach ((string site, SiteDesk desk) in _sites)
        {
            if (desk.Balance.Changed)
            {
                commit.State[BalanceKey(site)] = desk.Balance.Save();
            }
        }
    }

    private static string BalanceKey(string site) => $"balance/{site}";

    private void Tell(in AlertChange change)
    {
        counters.AnomaliesRaised += change.Step == AlertStep.Raised ? 1 : 0;
        if (change.Step is AlertStep.Raised or AlertStep.Unmuted)
        {
            projection.Add(new AnomalyChange(AnomalyChangeType.Raised, change.Alert.Anomaly, change.At));
        }
        else if (change.Step == AlertStep.Cleared)
        {
            projection.Add(new AnomalyChange(AnomalyChangeType.Cleared, change.Alert.Anomaly, change.At));
        }
    }

    private SiteDesk Desk(string site)
    {
        if (!_sites.TryGetValue(site, out SiteDesk? desk))
        {
            desk = new SiteDesk(site, options, shards, []);
            _sites.Add(site, desk);
        }

        return desk;
    }

    private void CountDevices()
    {
        for (; _devicesSeen < shards.Devices.Count; _devicesSeen++)
        {
            Desk(shards.Devices[_devicesSeen].Key.Site).Roster.Add(shards.Devices[_devicesSeen]);
        }
    }

    private decimal? LevyPerKwh(string site, Instant now)
    {
        Site? facts = shards.Fleet.Current.Site(site);
        return facts is null ? null : shards.Schedule.Rate(facts, DayCalendar.Of(facts.TimeZone).DateOf(now)).PerKwh;
    }
}
