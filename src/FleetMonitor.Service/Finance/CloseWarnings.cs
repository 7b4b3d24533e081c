using System.Globalization;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;

namespace FleetMonitor.Service.Finance;

/// <summary>Something to know before a statement is filed; it keeps nobody from filing.</summary>
/// <param name="Code">Stable kebab-case name.</param>
internal sealed record CloseWarning(string Code, string Text);

/// <summary>What is not as it should be in a statement that is about to be filed: energy without a rate, estimates, gaps, papers.</summary>
internal static class CloseWarnings
{
    private const int DevicesNamed = 3;

    /// <param name="reporting">Ids of all devices of the site that reported.</param>
    /// <param name="now">When it is filed.</param>
    public static IReadOnlyList<CloseWarning> Of(
        Statement statement, Site site, RateSchedule schedule, IReadOnlyCollection<string> reporting, Instant now)
    {
        var warnings = new List<CloseWarning>();
        DateOnly today = DayCalendar.Of(site.TimeZone).DateOf(now);
        if (today < statement.Period.End)
        {
            warnings.Add(new CloseWarning(
                "not-over", Text($"the period lasts until {statement.Period.End.AddDays(-1):yyyy-MM-dd}: what is still to come needs an amended return")));
        }

        if (statement.Deadlines is { Declaration: { } due } && due < today)
        {
            warnings.Add(new CloseWarning("filing-overdue", Text($"the declaration was due by {due:yyyy-MM-dd}")));
        }

        if (statement.Amounts.Any(amount => amount.Amount.Amount < 0))
        {
            warnings.Add(new CloseWarning("negative-amount", "what was entered by hand takes off more than there is: an amount to pay is negative"));
        }

        if (statement.UnratedEnergy.Total != Energy.Zero)
        {
            warnings.Add(new CloseWarning("unrated-energy", Text($"{statement.UnratedEnergy.Total} have no rate and stand in it without an amount")));
        }

        if (statement.EstimatedShare != 0m)
        {
            warnings.Add(new CloseWarning(
                "estimated-energy", Text($"{statement.Energy.Estimated} are estimated, {statement.EstimatedShare * 100m:0.####} % of all")));
        }

        if (statement.Gaps.Count > 0)
        {
            warnings.Add(new CloseWarning("gaps", Text($"{statement.Gaps.Count} gaps, of which nothing is known, on {statement.Gaps.Select(gap => gap.Device).Distinct().Count()} devices")));
        }

        if (statement.Deadlines is { Provisional: true } deadlines)
        {
            warnings.Add(new CloseWarning("deadline-provisional", DeadlineText(deadlines)));
        }

        warnings.AddRange(ComplianceReport.Of(site, statement.Period, schedule, reporting).GroupBy(finding => finding.Code)
            .SelectMany(findings => findings.First().Device is null ? findings.Select(OfSite) : [OfDevices([.. findings])]));
        return warnings;
    }

    /// <summary>That a deadline may still move, and why.</summary>
    public static string DeadlineText(Deadlines deadlines) =>
        Text($"the payment by {deadlines.Payment:yyyy-MM-dd} falls beyond the list of holidays (calendar, confirmedThrough, of the rate schedule): it may move");

    private static CloseWarning OfSite(ComplianceFinding finding) =>
        new(finding.Code, finding.From is { } from ? Text($"{finding.Text} (from {from:yyyy-MM-dd} to {finding.To!.Value.AddDays(-1):yyyy-MM-dd})") : finding.Text);

    private static CloseWarning OfDevices(IReadOnlyList<ComplianceFinding> findings)
    {
        string[] devices = [.. findings.Select(finding => finding.Device!).Distinct()];
        string more = devices.Length > DevicesNamed ? Text($" and {devices.Length - DevicesNamed} more") : string.Empty;
        return new CloseWarning(findings[0].Code, $"{findings[0].Text}: {string.Join(", ", devices.Take(DevicesNamed))}{more}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
