using FleetMonitor.Fleet;

namespace FleetMonitor.Levy;

/// <summary>One thing that should be on file and is not.</summary>
/// <param name="Code">Stable kebab-case name of the finding.</param>
/// <param name="Device">Null for what concerns the site.</param>
/// <param name="Text">What is missing and what to do about it.</param>
/// <param name="From">The first local day of a stretch of a period on which it is so; null where it is so on the day, or the period, asked for.</param>
/// <param name="To">The day after the stretch.</param>
public sealed record ComplianceFinding(string Code, string Site, string? Device, string Text, DateOnly? From = null, DateOnly? To = null);

/// <summary>
/// What a site has to have on file, and does not: payer, control meters, the facts that rates hang on, and the papers that the schedule lists.
/// </summary>
public static class ComplianceReport
{
    private const int BinDigits = 12;

    /// <summary>On one local day.</summary>
    /// <param name="reporting">Ids of all devices that reported, listed or not.</param>
    /// <returns>Findings on the site first, then by device.</returns>
    public static IReadOnlyList<ComplianceFinding> Of(Site site, DateOnly day, RateSchedule schedule, IEnumerable<string> reporting) =>
    [
        .. SiteFindings(site, day, schedule).Select(finding => new ComplianceFinding(finding.Code, site.Id, null, finding.Text)),
        .. site.Devices.Values.OrderBy(device => device.Id, StringComparer.Ordinal).SelectMany(device =>
            DeviceFindings(device, day, schedule).Select(finding => new ComplianceFinding(finding.Code, site.Id, device.Id, finding.Text))),
        .. reporting.Where(device => !site.Devices.ContainsKey(device)).Distinct().Order(StringComparer.Ordinal).Select(device =>
            new ComplianceFinding("unregistered-device", site.Id, device, "reports, but is not listed: list it in the fleet file with its role")),
    ];

    /// <summary>On any day of a tax period: facts may change within it, and what was so for a part of it says for which.</summary>
    /// <param name="reporting">Ids of all devices that reported, listed or not.</param>
    public static IReadOnlyList<ComplianceFinding> Of(Site site, TaxPeriod period, RateSchedule schedule, IReadOnlyCollection<string> reporting)
    {
        DateOnly[] days = [.. Changes(site, schedule).Where(period.Contains).Append(period.FirstDay).Distinct().Order()];
        var found = new List<ComplianceFinding>();
        var newest = new Dictionary<ComplianceFinding, int>();
        for (int i = 0; i < days.Length; i++)
        {
            DateOnly end = i + 1 < days.Length ? days[i + 1] : period.End;
            foreach (ComplianceFinding finding in Of(site, days[i], schedule, reporting))
            {
                if (newest.TryGetValue(finding, out int known) && found[known].To == days[i])
                {
                    found[known] = found[known] with { To = end };
                    continue;
                }

                newest[finding] = found.Count;
                found.Add(finding with { From = days[i], To = end });
            }
        }

        return [.. found.Select(finding => finding.From == period.FirstDay && finding.To == period.End ? finding with { From = null, To = null } : finding)];
    }

    /// <summary>Days on which a fact or a requirement begins or ends.</summary>
    private static IEnumerable<DateOnly> Changes(Site site, RateSchedule schedule) =>
        Ends(site.Licence).Concat(Ends(site.MinistryNotice)).Concat(Ends(site.EnergySource)).Concat(Ends(site.MeterStatus)).Concat(Ends(site.ContractPrice))
            .Concat(schedule.Requirements.SelectMany(requirement => new[] { requirement.From, requirement.To }))
            .OfType<DateOnly>();

    private static IEnumerable<DateOnly?> Ends<T>(IEnumerable<Dated<T>> facts) => facts.SelectMany(fact => new[] { fact.From, fact.To });

    private static IEnumerable<(string Code, string Text)> SiteFindings(Site site, DateOnly day, RateSchedule schedule)
    {
        if (site.SelfRegistered)
        {
            yield return ("unregistered-site", "registered itself by sending: list it in the fleet file");
        }

        if (site.Payer is null)
        {
            yield return ("payer-missing", "no payer is named: each kWh needs one accountable payer");
        }
        else if (site.Payer.Bin.Length != BinDigits || !site.Payer.Bin.All(char.IsAsciiDigit))
        {
            yield return ("payer-bin-invalid", $"'{site.Payer.Bin}' is not a business id of {BinDigits} digits");
        }

        foreach ((string, string) finding in PaperFindings(site, day, schedule))
        {
            yield return finding;
        }

        if (!site.Devices.Values.Any(device => device.Role == DeviceRole.ControlMeter))
        {
            yield return ("control-meter-missing", "no control meter is listed: the tax base is what control meters count");
        }

        foreach ((string, string) finding in FactFindings(site, day, schedule))
        {
            yield return finding;
        }
    }

    private static IEnumerable<(string Code, string Text)> PaperFindings(Site site, DateOnly day, RateSchedule schedule)
    {
        foreach (Requirement needed in schedule.Requirements.Where(requirement => requirement.Holds(day)))
        {
            (string, string)? finding = needed.Paper switch
            {
                Paper.Licence => LicenceFinding(site, day, needed),
                Paper.MinistryNotice when site.MinistryNotice.On(day) is null => (
                    "ministry-notice-missing", $"no notice of the data centre to the ministry is on file ({needed.LegalRef}): state its number as ministryNotice"),
                Paper.ActivityCode when site.Payer is not null && needed.Values.Except(site.ActivityCodes).ToArray() is { Length: > 0 } missing => (
                    "activity-code-missing",
                    $"of the activity codes {string.Join(", ", needed.Values)} the payer states not {string.Join(", ", missing)} ({needed.LegalRef}): state them as activityCodes"),
                _ => null,
            };
            if (finding is { } missed)
            {
                yield return missed;
            }
        }
    }

    private static (string, string)? LicenceFinding(Site site, DateOnly day, Requirement needed) => site.Licence.On(day) switch
    {
        null when site.Licence.Any(fact => fact.To <= day) => ("licence-lapsed", "the licence on file has ended: state the new one, or none"),
        null => ("licence-unstated", $"no licence is stated ({needed.LegalRef}): state its subtype, or none"),
        { Value: "none" } => ("licence-none", "the site states that it has no mining licence"),
        _ => null,
    };

    private static IEnumerable<(string Code, string Text)> FactFindings(Site site, DateOnly day, RateSchedule schedule)
    {
        if (site.EnergySource.On(day) is null)
        {
            yield return ("energy-source-unstated", "the energy source is not stated: reduced rates cannot be claimed");
        }

        if (site.MeterStatus.On(day) is not { } status)
        {
            yield return ("meter-status-unstated", "the control meters' status is not stated: state working, faulty or absent");
        }
        else
        {
            string known = $"{(status.Evidence is { } evidence ? $"evidence: {evidence}" : "no evidence is named")}; "
                + (status.By is { } by ? $"decided by {by}" : "nobody is named who decided");
            if (status.Value != MeterStatus.Working)
            {
                yield return (
                    "meter-status-" + FleetNames.MeterStatuses.NameOf(status.Value),
                    $"the site states that its control meters do not count, since {status.From:yyyy-MM-dd} ({known})");
            }

            if (status.Evidence is null || status.By is null)
            {
                yield return (
                    "meter-status-unproven", $"the control meters' status is stated without proof ({known}): add \"evidence\" and \"by\" to the fact");
            }
        }

        bool needsPrice = schedule.Levy.Basis == ChargeBasis.ElectricityCost || schedule.Levy.RegimeOn(day).ByAveragePrice;
        if (needsPrice && site.ContractPrice.On(day) is null)
        {
            yield return ("contract-price-unstated", "the rate follows from the price of electricity, and none is stated");
        }

        if (site.MaxPower is null)
        {
            yield return ("max-power-unstated", "the maximum power is not stated: the exposure to a deemed volume cannot be shown");
        }
    }

    private static IEnumerable<(string Code, string Text)> DeviceFindings(Device device, DateOnly day, RateSchedule schedule)
    {
        bool needsPermit = schedule.Requirements.Any(requirement => requirement.Paper == Paper.ImportPermit && requirement.Holds(day));
        if (needsPermit && device.Role == DeviceRole.Rig && device.ImportPermit is null)
        {
            yield return ("import-permit-missing", "no approval to import cryptographic equipment is on file");
        }

        if (device.Role == DeviceRole.Rig && device.Nameplate is null)
        {
            yield return ("nameplate-missing", "no nameplate is on file: implausible energy is harder to tell");
        }
    }
}
