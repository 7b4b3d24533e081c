using FleetMonitor.Fleet;

namespace FleetMonitor.Levy;

/// <summary>One thing that should be on file and is not.</summary>
/// <param name="Code">Stable kebab-case name of the finding.</param>
/// <param name="Device">Null for what concerns the site.</param>
/// <param name="Text">What is missing and what to do about it.</param>
public sealed record ComplianceFinding(string Code, string Site, string? Device, string Text);

/// <summary>
/// What a site has to have on file on a day, and does not: licence, payer, control meters, the facts that rates hang on, and an import
/// permit for each rig.
/// </summary>
public static class ComplianceReport
{
    private const int BinDigits = 12;

    /// <param name="reporting">Ids of all devices that reported, listed or not.</param>
    /// <returns>Findings on the site first, then by device.</returns>
    public static IReadOnlyList<ComplianceFinding> Of(Site site, DateOnly day, RateSchedule schedule, IEnumerable<string> reporting) =>
    [
        .. SiteFindings(site, day, schedule).Select(finding => new ComplianceFinding(finding.Code, site.Id, null, finding.Text)),
        .. site.Devices.Values.OrderBy(device => device.Id, StringComparer.Ordinal).SelectMany(device =>
            DeviceFindings(device).Select(finding => new ComplianceFinding(finding.Code, site.Id, device.Id, finding.Text))),
        .. reporting.Where(device => !site.Devices.ContainsKey(device)).Distinct().Order(StringComparer.Ordinal).Select(device =>
            new ComplianceFinding("unregistered-device", site.Id, device, "reports, but is not listed: list it in the fleet file with its role")),
    ];

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

        if (site.Licence.On(day) is not { } licence)
        {
            bool lapsed = site.Licence.Any(fact => fact.To <= day);
            yield return lapsed
                ? ("licence-lapsed", "the licence on file has ended: state the new one, or none")
                : ("licence-unstated", "no licence is stated: state its subtype, or none");
        }
        else if (licence.Value == "none")
        {
            yield return ("licence-none", "the site states that it has no mining licence");
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

    private static IEnumerable<(string Code, string Text)> DeviceFindings(Device device)
    {
        if (device.Role == DeviceRole.Rig && device.ImportPermit is null)
        {
            yield return ("import-permit-missing", "no approval to import cryptographic equipment is on file");
        }

        if (device.Role == DeviceRole.Rig && device.Nameplate is null)
        {
            yield return ("nameplate-missing", "no nameplate is on file: implausible energy is harder to tell");
        }
    }
}
