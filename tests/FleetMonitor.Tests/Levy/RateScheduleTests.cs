using System.Text;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Json;
using FleetMonitor.Levy;
using Xunit;
using static FleetMonitor.Tests.Levy.LevyBooks;

namespace FleetMonitor.Tests.Levy;

/// <summary>What a schedule file may say, and what is refused.</summary>
public class RateScheduleTests
{
    private const string Flat = """{"code":"x-flat","role":"base","rate":1,"legalRef":"Act art. 1"}""";

    [Fact]
    public void Schedule_WithManyFaults_ListsAllAtOnce()
    {
        string[] paths = [.. Problems(Schedule($$"""
            {"from":"2020-01-01","to":"2021-01-01","rules":[{"code":"Bad Code","role":"base","rate":-1,"legalRef":"Act art. 1"}]},
            {"from":"2022-01-01","to":"2023-01-01","rules":[{"code":"x-a","role":"base","rate":1,"legalRef":"Bill 7"}]},
            {"from":"2022-06-01","rules":[{"code":"x-b","role":"base","when":{"moonPhase":["full"]},"rate":1,"legalRef":"Act of nature"}]}
            """)).Select(problem => problem.Path)];

        Assert.Equal(
            [
                "$.charges[0].regimes[0]",
                "$.charges[0].regimes[0].rules[0].code",
                "$.charges[0].regimes[0].rules[0].rate",
                "$.charges[0].regimes[1]",
                "$.charges[0].regimes[1].rules[0].legalRef",
                "$.charges[0].regimes[2]",
                "$.charges[0].regimes[2].rules[0].legalRef",
                "$.charges[0].regimes[2].rules[0].when",
                "$.charges[0].regimes[2].rules[0].when.moonPhase",
            ],
            paths.Order(StringComparer.Ordinal).ToArray());
    }

    [Theory]
    [InlineData("""{"to":"2022-01-01","rules":[F]},{"from":"2023-01-01","rules":[G]}""", "leaves a hole from 2022-01-01 to 2023-01-01")]
    [InlineData("""{"to":"2022-01-01","rules":[F]},{"from":"2021-12-31","rules":[G]}""", "overlaps the entry before it")]
    [InlineData("""{"from":"2022-01-01","rules":[F]}""", "leaves a hole before 2022-01-01")]
    [InlineData("""{"to":"2022-01-01","rules":[F]}""", "leaves a hole from 2022-01-01")]
    [InlineData("""{"rules":[]}""", "no base rule")]
    [InlineData("""{"rules":[F,G]}""", "overlaps another base rule")]
    [InlineData("""{"rules":[F,{"code":"x-flat","role":"added","when":{"licence":["none"]},"rate":9,"legalRef":"Act"}]}""", "the code already stands for something else")]
    [InlineData("""{"rules":[{"code":"x","role":"base","legalRef":"Act"}]}""", "missing")]
    [InlineData("""{"rules":[F,{"code":"x","role":"added","rate":1,"legalRef":"Act"}]}""", "missing")]
    [InlineData("""{"rules":[F,{"code":"x","role":"added","when":{"energySource":["coal"]},"rate":1,"legalRef":"Act"}]}""", "not a known value")]
    [InlineData("""{"rules":[F,{"code":"x","role":"added","when":{"licence":["subtype-9"]},"rate":1,"legalRef":"Act"}]}""", "not a known value")]
    [InlineData("""{"unrated":{"code":"u","legalRef":"Act"},"rules":[F,{"code":"x","role":"added","when":{"averagePrice":{"from":1}},"rate":1,"legalRef":"Act"}]}""", "averagePrice selects among base rules only")]
    [InlineData("""{"rules":[F,{"code":"x","role":"exclusive","when":{"energySource":["own"]},"rate":1,"legalRef":"Act"},{"code":"y","role":"exclusive","when":{"licence":["none"]},"rate":3,"legalRef":"Act"}]}""", "overlaps x: both exclusive rules can hold at once")]
    [InlineData("""{"rules":[{"code":"x-flat","role":"base","rate":1,"legalRef":"Repealed act art. 1"}]}""", "the act is not in force on all days that rest on it")]
    [InlineData("""{"rules":[{"code":"x-flat","role":"base","rate":1,"legalRef":"Act, somewhere"}]}""", "names no act of this file")]
    [InlineData("""{"rules":[{"code":"x-flat","role":"base","rate":1,"legalRef":"Act see below"}]}""", "not a reference")]
    [InlineData("""{"rules":[{"code":"x-flat","role":"base","rate":1}]}""", "missing")]
    [InlineData("""{"rules":[{"code":"x-flat","role":"base","rate":0.0000001,"legalRef":"Act"}]}""", "more than 6 decimals")]
    [InlineData("""{"unrated":{"code":"u","legalRef":"Act"},"rules":[{"code":"x-flat","role":"base","when":{"averagePrice":{"from":0,"to":5}},"rate":1,"legalRef":"Act"}]}""", "leaves a hole: no band holds prices of 5 and above")]
    [InlineData("""{"unrated":{"code":"u","legalRef":"Act"},"rules":[{"code":"x","role":"base","when":{"averagePrice":{"from":1}},"rate":1,"legalRef":"Act"}]}""", "leaves a hole: no band holds prices from 0 to 1")]
    [InlineData("""{"unrated":{"code":"u","legalRef":"Act"},"rules":[{"code":"x","role":"base","when":{"averagePrice":{"from":0,"to":6}},"rate":1,"legalRef":"Act"},{"code":"y","role":"base","when":{"averagePrice":{"from":5}},"rate":1,"legalRef":"Act"}]}""", "overlaps another averagePrice band")]
    public void Regimes_WithoutOneAnswerForEveryDayAndFact_AreRefused(string regimes, string message)
    {
        string json = Schedule(regimes.Replace("F", Flat, StringComparison.Ordinal)
            .Replace("G", Flat.Replace("x-flat", "x-other", StringComparison.Ordinal), StringComparison.Ordinal));

        Assert.Equal([message], Problems(json).Select(problem => problem.Message));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"charges":[null,7,{"regimes":{}},{"regimes":[3]}]}""")]
    public void File_ThatIsNoSchedule_IsProblemsAndNoException(string json) =>
        Assert.NotEmpty(Problems(json));

    [Fact]
    public void UnsetBand_WithoutABound_StaysUnratedWhateverElseApplies()
    {
        RateSchedule schedule = Parsed(Schedule("""
            {"unrated":{"code":"x-unrated","legalRef":"Act"},"rules":[
              {"code":"x-low","role":"base","when":{"averagePrice":{"from":0,"to":10}},"rate":null,"legalRef":"Act"},
              {"code":"x-high","role":"base","when":{"averagePrice":{"from":10}},"rate":3,"legalRef":"Act"},
              {"code":"x-meter","role":"added","when":{"meterStatus":["absent"]},"rate":25,"legalRef":"Act"}]}
            """));
        Site site = Site() with { MeterStatus = [Since("2020-01-01", MeterStatus.Absent)] };

        Assert.Equal("x-unrated", schedule.Rate(site, Day("2023-01-01"), 9m).Code);
        Assert.Equal("x-meter", schedule.Rate(site, Day("2023-01-01"), 10m).Code);
    }

    [Fact]
    public void Precedence_First_TakesTheFilesOrder()
    {
        RateSchedule schedule = Parsed(Schedule("""
            {"precedence":"first","rules":[
              {"code":"x-hub","role":"added","when":{"tenant":["acme"]},"rate":1,"legalRef":"Act"},
              {"code":"x-flat","role":"base","rate":3,"legalRef":"Act"}]}
            """));

        Assert.Equal("x-hub", schedule.Rate(Site(), Day("2023-01-01"), tenant: "acme").Code);
        Assert.Equal("x-flat", schedule.Rate(Site(), Day("2023-01-01"), tenant: "other").Code);
        Assert.Equal("x-flat", schedule.Rate(Site(), Day("2023-01-01")).Code);
    }

    [Fact]
    public void ElectricityCost_AsBasis_ChargesAShareOfTheContractPrice()
    {
        // A tenth of the cost of electricity, as in Kyrgyzstan: 16.5 per kWh makes 1.65 per kWh.
        RateSchedule schedule = Parsed(Schedule(
            """{"unrated":{"code":"x-unrated","legalRef":"Act"},"rules":[{"code":"x-tenth","role":"base","rate":0.1,"legalRef":"Act"}]}""",
            "electricity-cost"));

        RateLine line = schedule.Rate(StatedSite(), Day("2023-01-01"));
        Assert.Equal(("x-tenth", 1.65m), (line.Code, line.PerKwh));
        RateLine unknown = schedule.Rate(Site(), Day("2023-01-01"));
        Assert.Equal(("x-unrated", null), (unknown.Code, unknown.PerKwh));
        Assert.Contains(RateLine.ContractPriceUnknown, unknown.Reasons);
    }

    [Fact]
    public void FilledInTable_RatesWhatWasUnrated()
    {
        string json = File.ReadAllText(Repository.File("config/levy/kazakhstan.json"))
            .Replace("\"rate\": null, \"atMost\": 25", "\"rate\": 7", StringComparison.Ordinal);

        RateLine line = Parsed(json).Rate(StatedSite(), Day("2023-05-01"), 16.5m);

        Assert.Equal(("kz-2023-price-below-24", 7m), (line.Code, line.PerKwh));
    }

    private static string Schedule(string regimes, string basis = "kWh") => $$"""
        {"format":1,"code":"test","name":{"en":"Test","ru":"Тест"},
         "acts":[{"ref":"Act","title":"An act"},{"ref":"Repealed act","title":"Another","to":"2020-01-01"}],
         "calendar":{"weekend":["saturday","sunday"],"holidays":[]},
         "charges":[{"code":"x-charge","name":{"en":"Charge","ru":"Сбор"},"basis":"{{basis}}","currency":"KZT","regimes":[{{regimes}}]}]}
        """;

    private static IReadOnlyList<Problem> Problems(string json) =>
        RateSchedule.Parse(Encoding.UTF8.GetBytes(json), "test.json").Problems;

    private static RateSchedule Parsed(string json)
    {
        Parsed<RateSchedule> parsed = RateSchedule.Parse(Encoding.UTF8.GetBytes(json), "test.json");
        Assert.Empty(parsed.Problems);
        return parsed.Value!;
    }
}
