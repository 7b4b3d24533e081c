using System.Globalization;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Anomalies.Alerts;

/// <summary>The one alert that stands for many devices with one cause.</summary>
internal static class AlertGroup
{
    private const string Affected = "devices_affected";
    private const string Most = "devices_affected_at_most";
    private const string Devices = "devices";
    private const string Kinds = "kinds";

    /// <summary>Who reaches the next of these shares of the devices is told again: a hall that is down must not hide that all went.</summary>
    private static readonly decimal[] Reaches = [0.25m, 0.5m, 0.9m];

    public static int DevicesOf(IEnumerable<Alert> members) =>
        members.Select(alert => alert.Anomaly.Device).Distinct(StringComparer.Ordinal).Count();

    /// <summary>The most devices that it has stood for at once.</summary>
    public static decimal MostOf(Anomaly group) => Find(group, Most) ?? NumberOf(group, Affected);

    private static decimal NumberOf(Anomaly group, string name) => Find(group, name) ?? 0;

    private static decimal? Find(Anomaly group, string name) => group.Evidence.FirstOrDefault(item => item.Name == name).Number;

    public static Anomaly Of(string site, Drop drop, ISiteRoster roster, AlertOptions options)
    {
        (Cause cause, Alert[] members, int affected, int devices) = drop;
        DeviceGroup group = cause.Group;
        bool isSite = group.Level == GroupLevel.Site;
        AnomalyKind kind = cause.KindOf();
        Anomaly stake = AtStake(members, roster);

        // Who was told alone went before: the drop began with those that were not.
        Instant first = members.Where(alert => !alert.Told).DefaultIfEmpty(members.MaxBy(alert => alert.Anomaly.Raised)!).Min(alert => alert.Anomaly.Raised);
        string kinds = KindsOf(members);
        return stake with
        {
            Id = Anomaly.IdOf(site, group.Code, kind, first),
            Site = site,
            Device = null,
            Group = group.Code,
            Kind = kind,
            Severity = options.Levels.Grade(stake.KwhPerDay, stake.LevyPerDay, AnomalySeverity.Warning),
            Raised = first,
            Score = Math.Round(1 - (0.5 * Math.Exp(-5.0 * affected / Math.Max(1, devices))), 3),
            Text = TextOf(kind, group.Code, affected, affected, devices, members),
            Evidence =
            [
                EvidenceItem.Of("rule", string.Create(
                    CultureInfo.InvariantCulture,
                    $"{(isSite ? options.SiteShare : options.GroupShare):P0} of the devices of {group.Code ?? "the site"} within {options.GroupWithin.TotalMinutes:0} min")),
                EvidenceItem.Of(Affected, affected),
                EvidenceItem.Of(Most, affected),
                EvidenceItem.Of(Devices, devices),
                EvidenceItem.Of(Kinds, kinds),
            ],
        };
    }

    /// <summary>How many of the shares that are told it reaches, standing for so many devices.</summary>
    public static int Reach(Anomaly group, decimal affected) => Reaches.Count(share => affected >= share * NumberOf(group, Devices));

    /// <summary>
    /// The same alert, standing for those that are down now. It is never graded lower: what it once was worth is what people were told.
    /// </summary>
    public static Anomaly Followed(Anomaly group, Alert[] members, int affected, ISiteRoster roster, AlertOptions options)
    {
        Anomaly stake = AtStake(members, roster);
        decimal most = Math.Max(MostOf(group), affected);
        decimal devices = NumberOf(group, Devices);
        return group with
        {
            Severity = options.Levels.Grade(stake.KwhPerDay, stake.LevyPerDay, group.Severity),
            KwhPerDay = stake.KwhPerDay,
            LevyPerDay = stake.LevyPerDay,
            Text = TextOf(group.Kind, group.Group, affected, most, devices, members),
            Evidence =
            [
                .. group.Evidence.Where(item => item.Name is not (Affected or Most or Devices or Kinds)),
                EvidenceItem.Of(Affected, affected),
                EvidenceItem.Of(Most, (double)most),
                EvidenceItem.Of(Devices, (double)devices),
                EvidenceItem.Of(Kinds, KindsOf(members)),
            ],
        };
    }

    /// <summary>The text says how many of which kinds; the rest of the evidence follows from it.</summary>
    public static bool SaysTheSame(Anomaly one, Anomaly other) =>
        (one.Text, one.KwhPerDay, one.LevyPerDay, one.Severity) == (other.Text, other.KwhPerDay, other.LevyPerDay, other.Severity);

    /// <summary>How it ended: whoever is not well yet speaks for itself from then on.</summary>
    public static Anomaly Over(Anomaly group, int affected, Instant now)
    {
        string who = affected switch
        {
            0 => "all devices are well again",
            1 => string.Create(CultureInfo.InvariantCulture, $"1 of {MostOf(group)} devices is not well yet"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{affected} of {MostOf(group)} devices are not well yet"),
        };
        string what = TextOf(group.Kind, group.Group, MostOf(group), MostOf(group), NumberOf(group, Devices), []);
        return group with
        {
            Cleared = now,
            Text = $"Over after {DeviceWatch.Duration((long)(now - group.Raised).TotalSeconds)}: {who}. {what}",
            Evidence = [.. group.Evidence.Select(item => item.Name == Affected ? EvidenceItem.Of(Affected, affected) : item)],
        };
    }

    private static string KindsOf(IEnumerable<Alert> members) => string.Join(", ", members
        .GroupBy(alert => alert.Anomaly.Kind)
        .OrderByDescending(alike => alike.Count())
        .Select(alike => string.Create(CultureInfo.InvariantCulture, $"{alike.Key.Code()} {alike.Count()}")));

    /// <param name="members">Those that are down now; none where it is over.</param>
    private static string TextOf(AnomalyKind kind, string? group, decimal affected, decimal most, decimal devices, Alert[] members)
    {
        string who = string.Create(CultureInfo.InvariantCulture, $"{affected} of {devices} devices{(group is null ? "" : " of " + group)}");
        string kinds = members.Length == 0 ? "" : $" ({KindsOf(members)})";
        string down = affected < most
            ? string.Create(CultureInfo.InvariantCulture, $"{who} are still down{kinds}, of {most} that went down together")
            : $"{who} went down together{kinds}";
        return kind switch
        {
            AnomalyKind.ClockOff when affected < most => string.Create(
                CultureInfo.InvariantCulture,
                $"{who} still have clocks that are off{ClocksText(members)}, of {most} at most: one cause, such as the time server that they follow."),
            AnomalyKind.ClockOff => $"{who} have clocks that are off{ClocksText(members)}: one cause, such as the time server that they follow.",
            AnomalyKind.SiteDrop => $"{down}: one cause, such as power, network or a pool.",
            _ => $"{down}: one cause, such as a breaker or a switch.",
        };
    }

    /// <summary>By how much, where they agree.</summary>
    private static string ClocksText(Alert[] members)
    {
        decimal[] seconds =
        [
            .. members.SelectMany(alert => alert.Anomaly.Evidence).Where(item => item.Name == DeviceWatch.ClockEvidence)
                .Select(item => item.Number).OfType<decimal>().Order(),
        ];
        return seconds.Length == 0 || seconds[0] < 0 != seconds[^1] < 0
            ? ""
            : $", {DeviceWatch.Duration((long)Math.Abs(seconds[seconds.Length / 2]))} {(seconds[0] < 0 ? "fast" : "slow")} at the median";
    }

    /// <summary>A device with two alerts stakes its energy once, and one whose feeder is down too is in the feeder's.</summary>
    private static Anomaly AtStake(Alert[] members, ISiteRoster roster)
    {
        HashSet<string> devices = [.. members.Select(alert => alert.Anomaly.Device!)];
        Anomaly[] greatest =
        [
            .. members.GroupBy(alert => alert.Anomaly.Device!, StringComparer.Ordinal)
                .Where(own => !roster.GroupsOf(own.Key).Any(group => group.Level == GroupLevel.Feeder && group.Name != own.Key && devices.Contains(group.Name)))
                .Select(own => own.MaxBy(alert => alert.Anomaly.KwhPerDay)!.Anomaly),
        ];
        return members[0].Anomaly with
        {
            KwhPerDay = greatest.Sum(anomaly => anomaly.KwhPerDay),
            LevyPerDay = greatest.Any(anomaly => anomaly.LevyPerDay is null) ? null : greatest.Sum(anomaly => anomaly.LevyPerDay),
        };
    }
}
