using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using Xunit;
using static FleetMonitor.Tests.Levy.LevyBooks;

namespace FleetMonitor.Tests.Finance;

/// <summary>
/// What people may enter. A site of at most 10 kW draws, in the 92 days of the third quarter of 2026, no more than 10 × 2208 × 1.2 = 26496 kWh;
/// one that does not say so, with one device, no more than 5000 × 2208 × 1.2 = 13248000.
/// </summary>
public class EntryLimitTests
{
    private const string Limited = """{"id":"aksu","timeZone":"Asia/Almaty","maxPowerKw":10,"devices":[{"id":"rig-1","role":"rig"}]}""";
    private const string Unlimited = """{"id":"aksu","timeZone":"Asia/Almaty","devices":[{"id":"rig-1","role":"rig"}]}""";

    [Theory]
    [InlineData(Limited, 26_496, null)]
    [InlineData(Limited, -26_496, null)]
    [InlineData(Limited, 26_497, "26497 kWh are more than aksu can draw in 2026-Q3, which is 26496: check the figure and its unit, or state the site's maxPowerKw")]
    [InlineData(Limited, -26_497, "-26497 kWh are more than aksu can draw in 2026-Q3, which is 26496: check the figure and its unit, or state the site's maxPowerKw")]
    [InlineData(Unlimited, 13_248_000, null)]
    [InlineData(Unlimited, 13_248_001, "13248001 kWh are more than aksu can draw in 2026-Q3, which is 13248000: check the figure and its unit, or state the site's maxPowerKw")]
    public async Task Energy_IsBoundedByWhatTheSiteCanDraw(string site, long kwh, string? problem) =>
        Assert.Equal(problem is null ? [] : [problem], await ProblemsAsync(Adjustment with { Energy = EnergyByQuality.Of(EnergyQuality.Estimated, Kwh(kwh)) }, site));

    [Theory]
    [InlineData("10000000000000", null)]
    [InlineData("10000000000001", "10000000000001 KZT is more than any entry can be (10000000000000): check the figure")]
    [InlineData("-10000000000001", "-10000000000001 KZT is more than any entry can be (10000000000000): check the figure")]
    [InlineData("0", "an amount of nothing changes nothing")]
    public async Task Amount_IsBounded(string amount, string? problem) => Assert.Equal(
        problem is null ? [] : [problem],
        await ProblemsAsync(Adjustment with
        {
            Energy = default, Charge = "kz-digital-mining-fee", Amount = new Money(decimal.Parse(amount, System.Globalization.CultureInfo.InvariantCulture), "KZT"),
        }));

    [Theory]
    [InlineData("2009-12-31", "the day 2009-12-31 is before 2010-01-01, from which readings are taken: write the day of consumption")]
    [InlineData("2010-01-01", null)]
    [InlineData("2026-12-31", null)]
    [InlineData("2027-01-01", "2027-Q1 begins on 2027-01-01; today is 2026-10-03, and the newest reading is of 2026-09-30: write a day of a period that has begun")]
    public async Task Day_IsOneOfAPeriodThatHasBegun(string day, string? problem) =>
        Assert.Equal(problem is null ? [] : [problem], await ProblemsAsync(Adjustment with { Day = Day(day) }));

    [Fact]
    public async Task SiteAndDevice_AreKnownOnes()
    {
        Assert.Equal(["the fleet has no site 'zzz': there are aksu"], await ProblemsAsync(Adjustment with { Site = "zzz" }));
        Assert.Equal(["no device 'rig-9' has reported from aksu"], await ProblemsAsync(Adjustment with { Device = "rig-9" }));
    }

    [Theory]
    [InlineData("", "office", "the name of who decides is missing")]
    [InlineData("B.\tPerson", "office", "the name of who decides holds a control character, such as a line feed: write it on one line")]
    [InlineData("B. Person", " ", "the reason is missing")]
    [InlineData("B. Person", "one\ntwo", "the reason holds a control character, such as a line feed: write it on one line")]
    [InlineData("@Eve", "=1+1", null)]
    public async Task NameAndReason_AreWhatCanBePrinted(string by, string reason, string? problem) =>
        Assert.Equal(problem is null ? [] : [problem], await ProblemsAsync(Adjustment with { By = by, Reason = reason }));

    [Fact]
    public async Task NameAndReason_AreNoLongerThanALine()
    {
        Assert.Empty(await ProblemsAsync(Adjustment with { By = new string('x', 200), Reason = new string('y', 1_000) }));
        Assert.Equal(
            ["the reason has 1001 characters: write no more than 1000", "the name of who decides has 201 characters: write no more than 200"],
            await ProblemsAsync(Adjustment with { By = new string('x', 201), Reason = new string('y', 1_001) }));
    }

    private static PostingDraft Adjustment { get; } = new()
    {
        Kind = PostingKind.Manual, Site = "aksu", Day = Day("2026-09-30"), Energy = EnergyByQuality.Of(EnergyQuality.Estimated, Kwh(1m)), By = "B. Person", Reason = "office",
    };

    private static async Task<string[]> ProblemsAsync(PostingDraft entry, string site = Limited)
    {
        using var room = new BookRoom(site, "2026-10-03T00:00:00+05:00");
        await room.ReplayAsync("aksu", new Sent("rig-1", "2026-09-30T00:00:00+05:00", 100m), new Sent("rig-1", "2026-09-30T01:00:00+05:00", 103m));
        (Posting? posting, IReadOnlyList<string> problems) = await room.ActAsync((bookkeeper, _) => bookkeeper.EnterAsync(entry, CancellationToken.None));
        Assert.Equal(problems.Count == 0, posting is not null);
        Assert.Equal(problems.Count == 0 ? 1 : 0, room.Postings().Length);
        return [.. problems];
    }
}
