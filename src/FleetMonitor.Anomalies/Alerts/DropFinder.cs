using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Anomalies.Alerts;

/// <summary>Devices that went down together, and of how many.</summary>
internal sealed record Drop(DeviceGroup Group, Alert[] Members, int Affected, int Devices);

/// <summary>
/// Finds out whether what was raised lately has one cause: a share of the site, or nearly all that hangs on one feeder or stands in one rack. The
/// largest cause is found first. What is one of a smaller cause already still counts towards a larger one.
/// </summary>
internal static class DropFinder
{
    public static Drop? Find(
        IReadOnlyCollection<Alert> standing, IReadOnlyDictionary<string, DeviceGroup> causes, ISiteRoster roster, AlertOptions options, Instant now)
    {
        Alert[] recent = [.. standing.Where(alert => IsCandidate(alert) && now - alert.Taken <= options.GroupWithin)];
        if (recent.Length < options.GroupLeast || recent.All(alert => alert.Cause is not null))
        {
            return null;
        }

        return OfTheSite(recent, causes, roster, options) ?? OfAGroup(recent, standing, causes, roster, options, now);
    }

    /// <summary>Whether an alert can be one of many.</summary>
    public static bool IsCandidate(Alert alert) => alert.Anomaly.Device is not null && AlertGroup.CanBeADrop(alert.Anomaly.Kind);

    private static Drop? OfTheSite(Alert[] recent, IReadOnlyDictionary<string, DeviceGroup> causes, ISiteRoster roster, AlertOptions options)
    {
        if (causes.Values.Contains(DeviceGroup.Site))
        {
            return null;
        }

        int affected = AlertGroup.DevicesOf(recent);
        return affected >= Math.Max(options.SiteLeast, options.SiteShare * roster.Devices)
            ? new Drop(DeviceGroup.Site, recent, affected, roster.Devices)
            : null;
    }

    private static Drop? OfAGroup(
        Alert[] recent, IReadOnlyCollection<Alert> standing, IReadOnlyDictionary<string, DeviceGroup> causes, ISiteRoster roster,
        AlertOptions options, Instant now)
    {
        ILookup<DeviceGroup, Alert> before = standing.Where(alert => IsCandidate(alert) && now - alert.Taken > options.GroupWithin)
            .SelectMany(alert => roster.GroupsOf(alert.Anomaly.Device!).Select(group => (group, alert)))
            .ToLookup(pair => pair.group, pair => pair.alert);
        return recent
            .SelectMany(alert => roster.GroupsOf(alert.Anomaly.Device!).Select(group => (group, alert)))
            .GroupBy(pair => pair.group, pair => pair.alert)
            .Where(some => !causes.Values.Contains(some.Key))
            .Select(some => OfAGroup(some.Key, [.. some.Where(alert => IsFree(alert, some.Key, causes, roster))], before[some.Key], roster, options, now))
            .Where(drop => drop is not null)
            .OrderByDescending(drop => drop!.Affected).ThenBy(drop => drop!.Group.Level).ThenBy(drop => drop!.Group.Name, StringComparer.Ordinal)
            .FirstOrDefault();
    }

    private static Drop? OfAGroup(
        DeviceGroup group, Alert[] members, IEnumerable<Alert> before, ISiteRoster roster, AlertOptions options, Instant now)
    {
        // Told of as late as its first member would be told alone: until then it may turn out to be the whole site.
        bool due = members.Any(alert => alert.Cause is null && now - alert.Taken >= options.HoldBackOf(alert.Anomaly.Kind));
        if (!due || members.Length < options.GroupLeast)
        {
            return null;
        }

        // Who had been down for long did not go with the others.
        HashSet<string> affected = [.. members.Select(alert => alert.Anomaly.Device!)];
        int longDown = before.Select(alert => alert.Anomaly.Device!).Where(device => !affected.Contains(device)).Distinct(StringComparer.Ordinal).Count();
        int up = roster.CountOf(group) - longDown;
        return affected.Count >= Math.Max(options.GroupLeast, options.GroupShare * up) ? new Drop(group, members, affected.Count, up) : null;
    }

    private static bool IsFree(Alert alert, DeviceGroup group, IReadOnlyDictionary<string, DeviceGroup> causes, ISiteRoster roster) =>
        alert.Cause is null
        || (causes.TryGetValue(alert.Cause, out DeviceGroup cause) && cause != DeviceGroup.Site && roster.CountOf(cause) < roster.CountOf(group));
}
