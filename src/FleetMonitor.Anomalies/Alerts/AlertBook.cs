using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Anomalies.Alerts;

/// <summary>
/// The standing alerts of one site: holds back, groups by cause, and remembers what was acknowledged or muted. Pure; made again after a
/// restart from the alerts that were kept. A site, a feeder or a rack that loses power is one alert, whatever the number of its devices.
/// </summary>
public sealed class AlertBook
{
    private readonly string _site;
    private readonly AlertOptions _options;
    private readonly Dictionary<string, Alert> _standing = new(StringComparer.Ordinal);

    /// <summary>By id, the alerts that stand for many devices that went down together.</summary>
    private readonly Dictionary<string, Cause> _causes = new(StringComparer.Ordinal);

    /// <summary>The ids of those of which a member changed since they were looked at last.</summary>
    private readonly HashSet<string> _moved = new(StringComparer.Ordinal);

    /// <param name="kept">The alerts of the site that stood when the service stopped.</param>
    public AlertBook(string site, AlertOptions options, IEnumerable<Alert> kept)
    {
        _site = site;
        _options = options;
        foreach (Alert alert in kept)
        {
            _standing[alert.Anomaly.Id] = alert;
            if (CommonCauses.Of(alert.Anomaly) is { } cause)
            {
                _causes.Add(alert.Anomaly.Id, cause);
                _moved.Add(alert.Anomaly.Id);
            }
        }
    }

    public IReadOnlyCollection<Alert> Standing => _standing.Values;

    /// <summary>True while much of the site is down with one cause.</summary>
    public bool IsDropped => _causes.ContainsValue(new Cause(CommonCause.Drop, DeviceGroup.Site));

    /// <summary>Takes what a watch of the site said. A change that was taken before (after a restart) changes nothing.</summary>
    public void Apply(in AnomalyChange change, List<AlertChange> changes)
    {
        (Anomaly anomaly, Instant now) = (change.Anomaly, change.At);
        bool stands = _standing.TryGetValue(anomaly.Id, out Alert? alert);
        switch (change.Type)
        {
            case AnomalyChangeType.Raised when !stands:
                // A device's may be one of many, which the next look at all of them tells; a site's is one of its own.
                bool alone = anomaly.Device is null;
                Keep(AlertStep.Raised, new Alert(anomaly) { Taken = now, Told = alone }, alone, now, changes);
                break;
            case AnomalyChangeType.Updated when stands:
                Keep(AlertStep.Updated, alert! with { Anomaly = anomaly }, IsHeard(alert!, now), now, changes);
                break;
            case AnomalyChangeType.Cleared when stands:
                End(alert! with { Anomaly = alert.Anomaly.EndedAs(anomaly) }, IsHeard(alert!, now), now, null, changes);
                break;
            default:
                break;
        }
    }

    /// <summary>Lets time pass: tells what was held back alone, or tells once what is one cause. Every few seconds is enough.</summary>
    /// <param name="roster">Which devices of the site go together.</param>
    public void Tick(Instant now, ISiteRoster roster, List<AlertChange> changes)
    {
        if (_standing.Count == 0)
        {
            return;
        }

        string[] moved = [.. _causes.Keys.Where(_moved.Contains)];
        _moved.Clear();
        foreach (string cause in moved)
        {
            Follow(_standing[cause], roster, now, changes);
        }

        Join(roster, now, changes);
        foreach (CommonCause common in CommonCauses.All)
        {
            while (new DropFinder(common, _standing.Values, _causes, roster, _options, now).Find() is { } drop)
            {
                Group(drop, roster, now, changes);
            }
        }

        foreach (Alert alert in _standing.Values.ToArray())
        {
            Wake(alert, now, changes);
        }
    }

    /// <summary>Somebody is on it. Null where no such alert stands.</summary>
    public Alert? Acknowledge(string id, AlertAct act, List<AlertChange> changes) =>
        Change(id, AlertStep.Acknowledged, alert => alert with { Acknowledged = act }, _ => false, act, changes);

    /// <summary>Nobody is told of it before <paramref name="until"/>. Null where no such alert stands.</summary>
    public Alert? Mute(string id, Instant until, AlertAct act, List<AlertChange> changes) =>
        Change(id, AlertStep.Muted, alert => alert with { Muted = new AlertMute(until, act) }, _ => false, act, changes);

    /// <summary>It is told again. Null where no such alert stands.</summary>
    public Alert? Unmute(string id, AlertAct act, List<AlertChange> changes) =>
        Change(id, AlertStep.Unmuted, alert => alert with { Muted = null, Told = alert.Told || alert.Cause is null }, alert => alert.Told, act, changes);

    /// <summary>
    /// A person says that it is over, and with it all that it stands for: each is raised again only after it was well, though its cause may stand;
    /// what goes down later is new. Null where no such alert stands.
    /// </summary>
    public Alert? Clear(string id, AlertAct act, List<AlertChange> changes)
    {
        if (!_standing.TryGetValue(id, out Alert? alert))
        {
            return null;
        }

        foreach (Alert member in _standing.Values.Where(member => member.Cause == id).ToArray())
        {
            ByHand(member, member.Told ? act : null);
        }

        return ByHand(alert, act);

        Alert ByHand(Alert over, AlertAct? kept)
        {
            Alert ended = over with { Anomaly = over.Anomaly with { Cleared = act.At } };
            End(ended, IsHeard(over, act.At), act.At, kept, changes);
            return ended;
        }
    }

    private static bool IsHeard(Alert alert, Instant now) => alert.Told && !alert.IsMuted(now);

    /// <summary>Who goes down while a cause stands that would take it down has that cause, the largest where there are several.</summary>
    private void Join(ISiteRoster roster, Instant now, List<AlertChange> changes)
    {
        if (_causes.Count == 0)
        {
            return;
        }

        Alert[] alone = [.. _standing.Values.Where(alert => alert is { Told: false, Cause: null, Anomaly.Device: not null })];
        (string Id, Cause Cause)[] largestFirst =
        [
            .. _causes.Select(cause => (cause.Key, cause.Value))
                .OrderByDescending(cause => cause.Value.Group == DeviceGroup.Site ? int.MaxValue : roster.CountOf(cause.Value.Group)),
        ];
        foreach (Alert alert in alone)
        {
            string device = alert.Anomaly.Device!;
            if (CommonCauses.Of(alert.Anomaly.Kind) is not { } common || !roster.Counts(device))
            {
                continue;
            }

            HashSet<DeviceGroup> own = [DeviceGroup.Site, .. roster.GroupsOf(device)];
            string? id = largestFirst.FirstOrDefault(cause => cause.Cause.Common == common && own.Contains(cause.Cause.Group)).Id;
            if (id is not null)
            {
                Keep(AlertStep.Updated, alert with { Cause = id }, false, now, changes);
            }
        }
    }

    private void Group(Drop drop, ISiteRoster roster, Instant now, List<AlertChange> changes)
    {
        Anomaly group = AlertGroup.Of(_site, drop, roster, _options);
        _causes.Add(group.Id, drop.Cause);
        Keep(AlertStep.Raised, new Alert(group) { Taken = now, Told = true }, true, now, changes);
        HashSet<string> smaller = [.. drop.Members.Select(member => member.Cause).OfType<string>()];
        foreach (Alert member in drop.Members)
        {
            Keep(AlertStep.Updated, member with { Cause = group.Id }, false, now, changes);
        }

        foreach (Alert part in smaller.Select(id => _standing[id]))
        {
            Alert over = part with { Anomaly = part.Anomaly with { Cleared = now, Text = $"Part of something larger: {group.Text}" } };
            End(over, IsHeard(part, now), now, null, changes);
        }
    }

    /// <summary>Says what is down now of a cause, until what is left is no group any more; whoever is left over then speaks for itself.</summary>
    private void Follow(Alert group, ISiteRoster roster, Instant now, List<AlertChange> changes)
    {
        Alert[] members = [.. _standing.Values.Where(alert => alert.Cause == group.Anomaly.Id)];
        int affected = AlertGroup.DevicesOf(members);
        decimal most = AlertGroup.MostOf(group.Anomaly);
        if (affected < _options.LeastOf(DeviceGroup.Of(group.Anomaly.Group).Level) || affected <= (double)most * _options.OverShare)
        {
            Alert over = group with { Anomaly = AlertGroup.Over(group.Anomaly, affected, now) };
            End(over, IsHeard(group, now), now, null, changes);
            return;
        }

        Anomaly followed = AlertGroup.Followed(group.Anomaly, members, affected, roster, _options);
        if (!AlertGroup.SaysTheSame(followed, group.Anomaly))
        {
            // Outside it is news how far a drop reaches, not how it ebbs away.
            bool wider = affected > most && AlertGroup.Reach(group.Anomaly, affected) > AlertGroup.Reach(group.Anomaly, most);
            Keep(AlertStep.Updated, group with { Anomaly = followed }, wider && IsHeard(group, now), now, changes);
        }
    }

    private void Wake(Alert alert, Instant now, List<AlertChange> changes)
    {
        if (alert.Anomaly.Kind == AnomalyKind.SessionGap && now - alert.Anomaly.Raised >= _options.EventClearAfter)
        {
            string text = $"Over: it is told for {DeviceWatch.Duration((long)_options.EventClearAfter.TotalSeconds)}.";
            Apply(new(AnomalyChangeType.Cleared, alert.Anomaly with { Cleared = now, Text = text }, now), changes);
        }
        else if (alert.Muted is { } mute)
        {
            if (now >= mute.Until)
            {
                bool tell = alert.Cause is null;
                Keep(AlertStep.Unmuted, alert with { Muted = null, Told = alert.Told || tell }, tell, now, changes);
            }
        }
        else if (!alert.Told && alert.Cause is null && now - alert.HeldSince >= _options.HoldBackOf(alert.Anomaly.Kind))
        {
            Keep(AlertStep.Raised, alert with { Told = true }, true, now, changes);
        }
    }

    private Alert? Change(
        string id, AlertStep step, Func<Alert, Alert> change, Func<Alert, bool> tell, AlertAct act, List<AlertChange> changes)
    {
        if (!_standing.TryGetValue(id, out Alert? alert))
        {
            return null;
        }

        Alert changed = change(alert);
        _standing[id] = changed;
        changes.Add(new AlertChange(step, changed, tell(changed), NotBefore(changed, act.At), act));
        return changed;
    }

    private void Keep(AlertStep step, Alert alert, bool tell, Instant now, List<AlertChange> changes)
    {
        _standing[alert.Anomaly.Id] = alert;
        Moved(alert);
        changes.Add(new AlertChange(step, alert, tell, NotBefore(alert, now)));
    }

    private void Moved(Alert member)
    {
        if (member.Cause is { } cause)
        {
            _moved.Add(cause);
        }
    }

    /// <summary>A device whose clock is fast states times ahead of ours: what becomes of its alerts still comes after they were raised.</summary>
    private static Instant NotBefore(Alert alert, Instant now)
    {
        Instant raised = alert.Anomaly.Raised > now ? alert.Anomaly.Raised : now;
        return alert.Anomaly.Cleared is { } cleared && cleared > raised ? cleared : raised;
    }

    private void End(Alert ended, bool tell, Instant now, AlertAct? act, List<AlertChange> changes)
    {
        string id = ended.Anomaly.Id;
        _standing.Remove(id);
        Moved(ended);
        changes.Add(new AlertChange(AlertStep.Cleared, ended, tell, NotBefore(ended, now), act));
        if (!_causes.Remove(id))
        {
            return;
        }

        foreach (Alert member in _standing.Values.Where(alert => alert.Cause == id).ToArray())
        {
            Keep(AlertStep.Updated, member with { Cause = null, LeftOver = now }, false, now, changes);
        }
    }
}
