using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using Xunit;
using static FleetMonitor.Tests.Levy.LevyBooks;

namespace FleetMonitor.Tests.Levy;

public class ComplianceReportTests
{
    private static readonly Device PaperedRig = Rig("rig-1") with
    {
        ImportPermit = "KNB-2022-17", Nameplate = new Nameplate(Power.FromWatts(3250m), null),
    };

    private static readonly Site Papered = StatedSite().With(ControlMeter("meter-1"), Feeder("pdu-1"), PaperedRig);

    [Fact]
    public void SiteWithEverythingOnFile_HasNoFindings() =>
        Assert.Equal([], Findings(Papered, "2026-10-01", "rig-1", "meter-1"));

    [Fact]
    public void SiteWithNothingOnFile_ListsAllOfIt() =>
        Assert.Equal(
            [
                "unregistered-site", "payer-missing", "licence-unstated", "control-meter-missing", "energy-source-unstated",
                "meter-status-unstated", "max-power-unstated", "unregistered-device rig-7",
            ],
            Findings(Site() with { SelfRegistered = true }, "2026-10-01", "rig-7", "rig-7"));

    [Fact]
    public void PaperMissing_IsReportedPerDevice() =>
        Assert.Equal(
            ["import-permit-missing rig-1", "nameplate-missing rig-2", "unregistered-device stranger"],
            Findings(
                Papered.With(ControlMeter("meter-1"), PaperedRig with { Id = "rig-2", Nameplate = null }, PaperedRig with { ImportPermit = null }),
                "2026-10-01",
                "stranger",
                "rig-2"));

    [Fact]
    public void FactsThatCost_AreReportedAsStated() =>
        Assert.Equal(
            ["licence-none", "meter-status-faulty", "meter-status-unproven"],
            Findings(
                Papered with { Licence = [Since("2020-01-01", "none")], MeterStatus = [Since("2020-01-01", MeterStatus.Faulty)] },
                "2026-10-01"));

    [Fact]
    public void MeterStatus_IsReportedWithItsEvidenceAndWhoDecided()
    {
        Dated<MeterStatus> faulty = Since("2026-05-01", MeterStatus.Faulty);
        ComplianceFinding[] Of(Dated<MeterStatus> status) =>
            [.. ComplianceReport.Of(Papered with { MeterStatus = [status] }, Day("2026-10-01"), Law, [])];

        Assert.Equal(
            "the site states that its control meters do not count, since 2026-05-01 (evidence: protocol 12; decided by B. Person)",
            Assert.Single(Of(faulty with { Evidence = "protocol 12", By = "B. Person" })).Text);
        Assert.Equal(
            "the control meters' status is stated without proof (evidence: protocol 12; nobody is named who decided): add \"evidence\" and \"by\" to the fact",
            Of(faulty with { Evidence = "protocol 12" })[1].Text);
        Assert.Equal("meter-status-unproven", Assert.Single(Of(Since("2026-05-01", MeterStatus.Working))).Code);
    }

    [Theory]
    [InlineData("2023-03-31", new[] { "ministry-notice-missing" })]
    [InlineData("2023-04-01", new[] { "ministry-notice-missing", "licence-unstated" })]
    [InlineData("2023-06-03", new[] { "ministry-notice-missing", "licence-unstated" })]
    [InlineData("2023-06-04", new[] { "licence-unstated" })]
    public void NoticeAndLicence_AreAskedForOnTheDaysOnWhichTheLawDid(string day, string[] missing) =>
        Assert.Equal(missing, Findings(Papered with { Licence = [], MinistryNotice = [] }, day));

    [Fact]
    public void ActivityCodes_AreThoseOfThePayer_AndEachThatIsMissingIsNamed()
    {
        Assert.Contains(
            "the payer states not 62032 (Classifier",
            Assert.Single(ComplianceReport.Of(Papered with { ActivityCodes = ["63111", "35130"] }, Day("2026-10-01"), Law, [])).Text,
            StringComparison.Ordinal);
        Assert.Equal(["activity-code-missing"], Findings(Papered with { ActivityCodes = [] }, "2026-10-01"));
        Assert.Equal(["payer-missing"], Findings(Papered with { Payer = null, ActivityCodes = [] }, "2026-10-01"));
    }

    /// <summary>The licence lapses for the first half of March; the meters' status is unproven all along; one rig has no permit.</summary>
    [Fact]
    public void Period_SaysFromWhenToWhenSomethingWasMissing()
    {
        Site site = (Papered with
        {
            Licence = [Since("2020-01-01", "subtype-1", to: "2026-03-01"), Since("2026-03-16", "subtype-1")],
            MeterStatus = [Since("2020-01-01", MeterStatus.Working)],
        }).With(ControlMeter("meter-1"), PaperedRig with { ImportPermit = null });

        Assert.Equal(
            ["licence-lapsed 2026-03-01 2026-03-16", "meter-status-unproven", "import-permit-missing rig-1"],
            ComplianceReport.Of(site, TaxPeriod.Parse("2026-Q1"), Law, ["rig-1"])
                .OrderBy(finding => finding.Device).ThenBy(finding => finding.From is null)
                .Select(finding => string.Join(' ', new[] { finding.Code, finding.Device, finding.From?.ToString("yyyy-MM-dd"), finding.To?.ToString("yyyy-MM-dd") }.OfType<string>())));
        Assert.Empty(ComplianceReport.Of(Papered, TaxPeriod.Parse("2026-Q1"), Law, ["rig-1"]));
    }

    [Fact]
    public void LicenceThatEnded_IsToldFromOneNeverStated() =>
        Assert.Equal(
            ["licence-lapsed"],
            Findings(Papered with { Licence = [Since("2020-01-01", "subtype-1", to: "2026-10-01")] }, "2026-10-01"));

    [Fact]
    public void PriceNobodyStated_IsMissedWhereTheRateFollowsFromIt()
    {
        Site site = Papered with { ContractPrice = [] };

        Assert.Equal(["contract-price-unstated"], Findings(site, "2023-10-01"));
        Assert.Equal([], Findings(site, "2026-10-01"));
    }

    [Fact]
    public void BusinessIdOfTheWrongLength_IsFound() =>
        Assert.Equal(["payer-bin-invalid"], Findings(Papered with { Payer = new Payer("Example Mining LLP", "12345") }, "2026-10-01"));

    private static string[] Findings(Site site, string day, params string[] reporting) =>
    [
        .. ComplianceReport.Of(site, Day(day), Law, reporting)
            .Select(finding => finding.Device is null ? finding.Code : $"{finding.Code} {finding.Device}"),
    ];
}
