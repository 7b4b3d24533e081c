using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Anomalies.Alerts;

/// <summary>Devices that went down together, and of how many.</summary>
internal sealed record Drop(Cause Cause, Alert[] Members, int Affected, int Devices);

/// <summary>
/// Finds out whether what was raised lately has one cause: a share of the site, or nearly all that hangs on one feeder or stands in one rack. The
/// largest cause is found first, but what one feeder or rack explains is not the site. What is one of a smaller cause already still counts towards
/// a larger one; what a cause that ended left over went down with that one, and counts towards none that comes.
/// </summary>
internal sealed class DropFinder(
    CommonCause common,
    IReadOnlyCollection<Alert> standing,
    IReadOnlyDictionary<string, Cause> causes,
    ISiteRoster roster,
    AlertOptions options,
    Instant now)
{
    /// <summary>A part of the site that has this share of all that went down can explain it.</summary>
    private const double Explains = 2.0 / 3;

    /// <summary>What is more of the site than this is the site.</summary>
    private const double MostOfTheSite = 0.5;

    private bool IsCandidate(Alert alert) =>
        alert.Anomaly.Device is { } device && CommonCauses.Of(alert.Anomaly.Kind) == common && roster.Counts(device);

    /// <returns>The next cause that is not told yet; null where there is none, or none yet.</returns>
    public Drop? Find()
    {
        Alert[] recent = [.. standing.Where(alert => IsRecent(alert) && IsCandidate(alert))];
        if (recent.Length < options.GroupLeast || recent.All(alert => alert.Cause is not null))
        {
            return null;
        }

        int affected = AlertGroup.DevicesOf(recent);
        double needed = Math.Max(options.LeastOf(GroupLevel.Site), options.SiteShare * roster.Devices);
        bool ofTheSite = !IsKnown(DeviceGroup.Site) && affected >= needed;
        (DeviceGroup Group, Alert[] Members)[] parts = [.. PartsOf(recent)];
        if (ofTheSite && !IsExplained(affected, needed, parts))
        {
            return new Drop(new Cause(common, DeviceGroup.Site), recent, affected, roster.Devices);
        }

        return parts
            .Where(part => !IsKnown(part.Group))
            .Select(part => (part.Group, Members: part.Members.Where(alert => IsFree(alert, part.Group)).ToArray()))
            .Where(part => IsDue(part.Members))
            .Select(part => OfAPart(part.Group, part.Members))
            .Where(drop => drop is not null)
            .OrderByDescending(drop => drop!.Affected).ThenBy(drop => drop!.Cause.Group.Level).ThenBy(drop => drop!.Cause.Group.Name, StringComparer.Ordinal)
            .FirstOrDefault();
    }

    private bool IsRecent(Alert alert) => alert.LeftOver is null && now - alert.Taken <= options.GroupWithin;

    private IEnumerable<(DeviceGroup Group, Alert[] Members)> PartsOf(IEnumerable<Alert> alerts) => alerts
        .SelectMany(alert => roster.GroupsOf(alert.Anomaly.Device!).Select(group => (group, alert)))
        .GroupBy(pair => pair.group, pair => pair.alert)
        .Select(part => (part.Key, part.ToArray()));

    /// <summary>True where one part of the site went down, or may have yet, and the rest is no more than happens.</summary>
    private bool IsExplained(int affected, double needed, (DeviceGroup Group, Alert[] Members)[] parts)
    {
        foreach ((DeviceGroup group, Alert[] members) in parts)
        {
            int inPart = AlertGroup.DevicesOf(members);
            if (inPart >= Explains * affected && affected - inPart < needed && roster.CountOf(group) <= MostOfTheSite * roster.Devices
                && (!IsDue(members) || OfAPart(group, members) is not null))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Told of as late as its first member would be told alone: until then it may turn out to be larger.</summary>
    private bool IsDue(Alert[] members) => members.Any(alert => now - alert.Taken >= options.HoldBackOf(alert.Anomaly.Kind));

    private Drop? OfAPart(DeviceGroup group, Alert[] members)
    {
        if (members.Length < options.GroupLeast)
        {
            return null;
        }

        // Who had been down for long did not go with the others.
        HashSet<string> affected = [.. members.Select(alert => alert.Anomaly.Device!)];
        int longDown = standing
            .Where(alert => !IsRecent(alert) && IsCandidate(alert) && !affected.Contains(alert.Anomaly.Device!))
            .Where(alert => roster.GroupsOf(alert.Anomaly.Device!).Contains(group))
            .Select(alert => alert.Anomaly.Device).Distinct(StringComparer.Ordinal).Count();
        int up = roster.CountOf(group) - longDown;
        return affected.Count >= Math.Max(options.GroupLeast, options.GroupShare * up) ? new Drop(new Cause(common, group), members, affected.Count, up) : null;
    }

    private bool IsFree(Alert alert, DeviceGroup group) =>
        alert.Cause is null
        || (causes.TryGetValue(alert.Cause, out Cause cause) && cause.Group != DeviceGroup.Site
            && roster.CountOf(cause.Group) < roster.CountOf(group));

    private bool IsKnown(DeviceGroup group) => causes.Values.Contains(new Cause(common, group));
}
