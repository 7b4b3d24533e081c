using System.Globalization;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Anomalies.Alerts;

/// <summary>
/// The standing alerts of one site: holds back, groups by cause, and remembers what was acknowledged or muted. Pure; made again after a
/// restart from the alerts that were kept. A site that loses power is one alert, whatever the number of its devices.
/// </summary>
public sealed class AlertBook
{
    private readonly string _site;
    private readonly AlertOptions _options;
    private readonly Dictionary<string, Alert> _standing = new(StringComparer.Ordinal);

    /// <param name="kept">The alerts of the site that stood when the service stopped.</param>
    public AlertBook(string site, AlertOptions options, IEnumerable<Alert> kept)
    {
        _site = site;
        _options = options;
        foreach (Alert alert in kept)
        {
            _standing[alert.Anomaly.Id] = alert;
        }
    }

    public IReadOnlyCollection<Alert> Standing => _standing.Values;

    private Alert? Drop => _standing.Values.FirstOrDefault(alert => alert.Anomaly.Kind == AnomalyKind.SiteDrop);

    /// <summary>Takes what a watch of the site said. A change that was taken before (after a restart) changes nothing.</summary>
    public void Apply(in AnomalyChange change, Instant now, List<AlertChange> changes)
    {
        Anomaly anomaly = change.Anomaly;
        bool stands = _standing.TryGetValue(anomaly.Id, out Alert? alert);
        switch (change.Type)
        {
            case AnomalyChangeType.Raised when !stands:
                // Alone for now, and told at once unless it may be one of many.
                bool wait = CanShareACause(anomaly.Kind);
                Keep(AnomalyChangeType.Raised, new Alert(anomaly) { Taken = now, Told = !wait, Cause = wait ? Drop?.Anomaly.Id : null }, !wait, changes);
                break;
            case AnomalyChangeType.Updated when stands:
                Keep(AnomalyChangeType.Updated, alert! with { Anomaly = anomaly }, alert!.Told && !alert.IsMuted(now), changes);
                break;
            case AnomalyChangeType.Cleared when stands:
                _standing.Remove(anomaly.Id);
                changes.Add(new AlertChange(
                    AnomalyChangeType.Cleared, alert! with { Anomaly = anomaly }, alert!.Told && !alert.IsMuted(now)));
                break;
            default:
                break;
        }
    }

    /// <summary>Lets time pass: tells what was held back alone, or tells once what is one cause. Call after each batch and tick.</summary>
    /// <param name="devices">How many devices the site has.</param>
    public void Tick(Instant now, int devices, List<AlertChange> changes)
    {
        if (Drop is { } drop)
        {
            EndDrop(drop, now, changes);
        }
        else
        {
            BeginDrop(now, devices, changes);
        }

        foreach (Alert alert in _standing.Values.ToArray())
        {
            if (alert.Anomaly.Kind == AnomalyKind.SessionGap && now - alert.Anomaly.Raised >= _options.EventClearAfter)
            {
                Apply(new(AnomalyChangeType.Cleared, alert.Anomaly with { Cleared = now }), now, changes);
            }
            else if (!alert.Told && alert.Cause is null && now - alert.Taken >= _options.HoldBack && !alert.IsMuted(now))
            {
                Keep(AnomalyChangeType.Raised, alert with { Told = true }, true, changes);
            }
            else if (alert.MutedUntil is { } until && now >= until)
            {
                Keep(AnomalyChangeType.Updated, alert with { MutedUntil = null }, alert.Told, changes);
            }
        }
    }

    /// <summary>Somebody is on it. False where no such alert stands.</summary>
    public bool Acknowledge(string id, string by, Instant now, List<AlertChange> changes) =>
        Change(id, alert => alert with { AcknowledgedBy = by, AcknowledgedAt = now }, changes);

    /// <summary>Nobody is told of it before <paramref name="until"/>. False where no such alert stands.</summary>
    public bool Mute(string id, Instant until, List<AlertChange> changes) =>
        Change(id, alert => alert with { MutedUntil = until }, changes);

    /// <summary>The broker did not keep our session: what was published meanwhile is lost unless the devices send it again.</summary>
    public void SessionGap(Instant from, Instant to, List<AlertChange> changes)
    {
        double seconds = (to - from).TotalSeconds;
        Anomaly anomaly = new()
        {
            Id = Anomaly.IdOf(_site, null, AnomalyKind.SessionGap, to),
            Site = _site,
            Kind = AnomalyKind.SessionGap,
            Severity = AnomalySeverity.Warning,
            Raised = to,
            Score = 1,
            Text = string.Create(
                CultureInfo.InvariantCulture,
                $"The broker forgot our session: messages between {from} and {to} ({seconds:0} s) may be missing. Registers make good for them; devices without one have a gap."),
            Evidence =
            [
                EvidenceItem.Of("rule", "the broker answered a resume without a session"),
                EvidenceItem.Of("from", from.ToString()),
                EvidenceItem.Of("to", to.ToString()),
                EvidenceItem.Of("gap_s", seconds),
            ],
            KwhPerDay = 0,
        };
        Apply(new AnomalyChange(AnomalyChangeType.Raised, anomaly), to, changes);
    }

    private static bool CanShareACause(AnomalyKind kind) => kind
        is AnomalyKind.Offline or AnomalyKind.Stale or AnomalyKind.HashBelowBaseline or AnomalyKind.PowerWithoutHash
        or AnomalyKind.DeadHashBoard or AnomalyKind.ThermalThrottling;

    private void BeginDrop(Instant now, int devices, List<AlertChange> changes)
    {
        double needed = Math.Max(_options.GroupLeast, _options.GroupShare * devices);
        if (_standing.Count < needed)
        {
            return;
        }

        Alert[] members =
        [
            .. _standing.Values.Where(alert =>
                CanShareACause(alert.Anomaly.Kind) && alert.Cause is null && now - alert.Taken <= _options.GroupWithin),
        ];
        int down = members.Select(alert => alert.Anomaly.Device).Distinct(StringComparer.Ordinal).Count();
        if (down < needed)
        {
            return;
        }

        Anomaly drop = DropOf(members, down, devices);
        Keep(AnomalyChangeType.Raised, new Alert(drop) { Taken = now, Told = true }, true, changes);
        foreach (Alert member in members)
        {
            Keep(AnomalyChangeType.Updated, member with { Cause = drop.Id }, false, changes);
        }
    }

    private void EndDrop(Alert drop, Instant now, List<AlertChange> changes)
    {
        Alert[] members = [.. _standing.Values.Where(alert => alert.Cause == drop.Anomaly.Id)];
        int down = members.Select(alert => alert.Anomaly.Device).Distinct(StringComparer.Ordinal).Count();
        decimal most = drop.Anomaly.Evidence.First(item => item.Name == "devices_down").Number ?? 0;
        if (down > most)
        {
            Keep(AnomalyChangeType.Updated, drop with { Anomaly = drop.Anomaly with { Evidence = WithDown(drop.Anomaly, down) } }, false, changes);
            return;
        }

        if (down > (double)most * _options.OverShare)
        {
            return;
        }

        Apply(
            new(AnomalyChangeType.Cleared, drop.Anomaly with { Cleared = now, Text = $"Over: {down} of {most} devices are still down. {drop.Anomaly.Text}" }),
            now,
            changes);
        foreach (Alert member in members)
        {
            Keep(AnomalyChangeType.Updated, member with { Cause = null }, false, changes);
        }
    }

    private static EvidenceItem[] WithDown(Anomaly drop, int down) =>
        [.. drop.Evidence.Select(item => item.Name == "devices_down" ? EvidenceItem.Of("devices_down", down) : item)];

    private Anomaly DropOf(Alert[] members, int down, int devices)
    {
        Instant first = members.Min(alert => alert.Anomaly.Raised);
        string kinds = string.Join(", ", members
            .GroupBy(alert => alert.Anomaly.Kind)
            .OrderByDescending(group => group.Count())
            .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Key.Code()} {group.Count()}")));
        decimal?[] levies = [.. members.Select(alert => alert.Anomaly.LevyPerDay)];
        return new Anomaly
        {
            Id = Anomaly.IdOf(_site, null, AnomalyKind.SiteDrop, first),
            Site = _site,
            Kind = AnomalyKind.SiteDrop,
            Severity = AnomalySeverity.Critical,
            Raised = first,
            Score = Math.Round(1 - (0.5 * Math.Exp(-5.0 * down / Math.Max(1, devices))), 3),
            Text = string.Create(
                CultureInfo.InvariantCulture, $"{down} of {devices} devices went down together ({kinds}): one cause, such as power, network or a pool."),
            Evidence =
            [
                EvidenceItem.Of("rule", string.Create(CultureInfo.InvariantCulture, $"{_options.GroupShare:P0} of the site's devices within {_options.GroupWithin.TotalMinutes:0} min")),
                EvidenceItem.Of("devices_down", down),
                EvidenceItem.Of("devices", devices),
                EvidenceItem.Of("kinds", kinds),
            ],
            KwhPerDay = members.Sum(alert => alert.Anomaly.KwhPerDay),
            LevyPerDay = levies.Any(levy => levy is null) ? null : levies.Sum(),
        };
    }

    private bool Change(string id, Func<Alert, Alert> change, List<AlertChange> changes)
    {
        if (!_standing.TryGetValue(id, out Alert? alert))
        {
            return false;
        }

        Keep(AnomalyChangeType.Updated, change(alert), false, changes);
        return true;
    }

    private void Keep(AnomalyChangeType type, Alert alert, bool tell, List<AlertChange> changes)
    {
        _standing[alert.Anomaly.Id] = alert;
        changes.Add(new AlertChange(type, alert, tell));
    }
}
