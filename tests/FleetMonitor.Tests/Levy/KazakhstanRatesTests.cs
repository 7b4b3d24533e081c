using FleetMonitor.Fleet;
using FleetMonitor.Levy;
using Xunit;
using static FleetMonitor.Tests.Levy.LevyBooks;

namespace FleetMonitor.Tests.Levy;

/// <summary>The law table, fact by fact: what a kWh costs on a day, under which rule, and what nobody has confirmed.</summary>
public class KazakhstanRatesTests
{
    // day, source, licence, meter, average price → rule, KZT per kWh ("?" is unrated), unstated facts that matter
    [Theory]

    // Before the fee there is a line at zero, whatever the facts.
    [InlineData("2010-01-01", null, null, null, null, "kz-none", "0", "")]
    [InlineData("2021-12-31", "own", "none", "absent", null, "kz-none", "0", "")]

    // 2022: flat.
    [InlineData("2022-01-01", null, null, null, null, "kz-2022-flat", "1", "")]
    [InlineData("2022-12-31", "own", "none", "faulty", "5", "kz-2022-flat", "1", "")]

    // 2023: by average price; only 24 and above is confirmed.
    [InlineData("2023-01-01", "grid", null, "working", "24", "kz-2023-price-24-and-above", "1", "")]
    [InlineData("2023-12-31", "grid", null, "working", "30.5", "kz-2023-price-24-and-above", "1", "")]
    [InlineData("2023-06-30", "grid", null, "working", "23.999999", "kz-2023-unrated", "?", "")]
    [InlineData("2023-06-30", "grid", null, "working", "16.5", "kz-2023-unrated", "?", "")]
    [InlineData("2023-06-30", "grid", null, "working", "0", "kz-2023-unrated", "?", "")]
    [InlineData("2023-06-30", "grid", null, "working", null, "kz-2023-unrated", "?", "")]
    [InlineData("2023-06-30", "off-grid", null, "working", "24", "kz-2023-price-24-and-above", "1", "")]

    // Own generation was not bought at a price; a renewable of one's own is that, and not own generation too.
    [InlineData("2023-06-30", "own", null, "working", null, "kz-2023-own", "10", "")]
    [InlineData("2023-06-30", "own", null, "working", "30", "kz-2023-own", "10", "")]
    [InlineData("2023-06-30", "own", null, "working", "16.5", "kz-2023-own", "10", "")]
    [InlineData("2023-06-30", "own-renewable", null, "working", null, "kz-2023-own-renewable", "1", "")]
    [InlineData("2023-06-30", "own-renewable", null, "working", "16.5", "kz-2023-own-renewable", "1", "")]

    // 25 is the highest there is: no unset band could exceed it.
    [InlineData("2023-06-30", "own-renewable", null, "faulty", null, "kz-2023-meter", "25", "")]
    [InlineData("2023-06-30", "own", null, "absent", null, "kz-2023-meter", "25", "")]
    [InlineData("2023-06-30", "grid", null, "faulty", "30", "kz-2023-meter", "25", "")]
    [InlineData("2023-06-30", "grid", null, "faulty", "16.5", "kz-2023-meter", "25", "")]
    [InlineData("2023-06-30", "grid", null, "absent", null, "kz-2023-meter", "25", "")]

    // Unstated: the ordinary rate, flagged. The licence decides nothing yet.
    [InlineData("2023-06-30", null, null, null, "24", "kz-2023-price-24-and-above", "1", "energySource,meterStatus")]
    [InlineData("2023-06-30", null, "none", "working", null, "kz-2023-unrated", "?", "energySource")]
    [InlineData("2023-06-30", "own-renewable", null, null, null, "kz-2023-own-renewable", "1", "meterStatus")]

    // 2024 and 2025: meters and licence decide nothing.
    [InlineData("2024-01-01", "grid", "none", "faulty", null, "kz-2024-base", "2", "")]
    [InlineData("2024-01-01", "own", null, null, null, "kz-2024-base", "2", "")]
    [InlineData("2025-12-31", "own-renewable", null, "absent", null, "kz-2024-own-renewable", "1", "")]
    [InlineData("2025-12-31", "off-grid", null, null, null, "kz-2024-off-grid", "1", "")]
    [InlineData("2025-12-31", null, null, null, null, "kz-2024-base", "2", "energySource")]

    // Since 2026.
    [InlineData("2026-01-01", "grid", "subtype-1", "working", null, "kz-2026-base", "2", "")]
    [InlineData("2026-01-01", "own", "subtype-2", "working", null, "kz-2026-base", "2", "")]
    [InlineData("2026-01-01", "own-renewable", "subtype-1", "working", null, "kz-2026-own-renewable", "1", "")]
    [InlineData("2026-01-01", "off-grid", "subtype-1", "working", null, "kz-2026-off-grid", "1", "")]
    [InlineData("2026-01-01", "grid", "none", "working", null, "kz-2026-no-licence", "25", "")]
    [InlineData("2026-01-01", "grid", "subtype-1", "faulty", null, "kz-2026-meter", "25", "")]
    [InlineData("2026-01-01", "grid", "subtype-1", "absent", null, "kz-2026-meter", "25", "")]
    [InlineData("2026-01-01", "own-renewable", "none", "working", null, "kz-2026-no-licence", "25", "")]
    [InlineData("2030-01-01", "off-grid", "none", "faulty", null, "kz-2026-no-licence", "25", "")]

    // 25 only by explicit fact (S13).
    [InlineData("2026-01-01", null, null, null, null, "kz-2026-base", "2", "energySource,licence,meterStatus")]
    [InlineData("2026-01-01", "own-renewable", null, "working", null, "kz-2026-own-renewable", "1", "licence")]
    [InlineData("2026-01-01", "grid", null, "absent", null, "kz-2026-meter", "25", "licence")]
    public void Rate_ByFacts_IsTheLaws(
        string day, string? source, string? licence, string? meter, string? average, string code, string perKwh, string unconfirmed)
    {
        Site site = Site() with
        {
            EnergySource = source is null ? [] : [Since("2000-01-01", FleetNames.EnergySources[source])],
            Licence = licence is null ? [] : [Since("2000-01-01", licence)],
            MeterStatus = meter is null ? [] : [Since("2000-01-01", FleetNames.MeterStatuses[meter])],
        };

        RateLine line = Law.Rate(site, Day(day), average is null ? null : decimal.Parse(average));

        Assert.Equal(code, line.Code);
        Assert.Equal(perKwh == "?" ? null : decimal.Parse(perKwh), line.PerKwh);
        Assert.Equal(unconfirmed, string.Join(',', line.Unconfirmed));
        Assert.Equal("KZT", line.Currency);
    }

    [Fact]
    public void BaseRate_Of2026_IsTheContractsTriple()
    {
        RateLine line = Law.Rate(StatedSite(), Day("2026-11-21"));

        Assert.Equal(("kz-2026-base", 2m, "Tax Code (2026) art. 659(1)"), (line.Code, line.PerKwh, line.LegalRef));
    }

    [Fact]
    public void UnratedLine_WithoutAPrice_SaysWhatIsMissing()
    {
        RateLine line = Law.Rate(StatedSite() with { ContractPrice = [] }, Day("2023-05-01"));

        Assert.True(line.IsUnrated);
        Assert.Equal([RateLine.AveragePriceUnknown], line.Reasons);
        Assert.True(line.ByAveragePrice);
    }

    [Fact]
    public void RateOf25_ForTwoReasons_NamesBoth()
    {
        Site site = StatedSite() with
        {
            Licence = [Since("2020-01-01", "none")], MeterStatus = [Since("2020-01-01", MeterStatus.Absent)],
        };

        Assert.Equal(
            ["kz-2026-base", "kz-2026-no-licence", "kz-2026-meter"], Law.Rate(site, Day("2026-02-01")).Reasons);
    }

    [Fact]
    public void LicenceThatEnded_WithNothingStatedSince_IsUnconfirmedAndNot25()
    {
        Site site = StatedSite() with { Licence = [Since("2023-04-01", "subtype-1", to: "2026-02-01")] };

        Assert.Equal([], Law.Rate(site, Day("2026-01-31")).Unconfirmed);
        RateLine after = Law.Rate(site, Day("2026-02-01"));
        Assert.Equal((2m, "licence"), (after.PerKwh, string.Join(',', after.Unconfirmed)));
    }

    [Fact]
    public void EveryRule_OfTheFile_HasALegalReference() =>
        Assert.All(
            Law.Charges.SelectMany(charge => charge.Regimes).SelectMany(regime => regime.Rules),
            rule => Assert.NotEqual(string.Empty, rule.LegalRef));

    [Fact]
    public void EmbeddedSchedule_IsTheFileThatUsersEdit() =>
        Assert.Equal(
            RateSchedule.Parse(File.ReadAllBytes(Repository.File("config/levy/kazakhstan.json")), "kazakhstan.json").Value!.SourceHash,
            Law.SourceHash);
}
