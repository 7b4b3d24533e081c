using System.Net;
using System.Text.Json;
using Xunit;

namespace FleetMonitor.Tests.Http;

public sealed class FleetTests
{
    [Fact]
    public async Task Fleet_OneRigLiveAndOneSilent_SumsOnlyWhatIsLive()
    {
        await using RunningService service = await RunningService.StartAsync();
        await TwoRigs.SendAsync(service);

        JsonElement fleet = await service.GetAsync("/api/v1/fleet");

        Assert.Equal("""{"total":2,"mining":1,"idle":0,"stale":0,"offline":1,"unknown":0}""", fleet.GetProperty("devices").GetRawText());
        Assert.Equal("3000", fleet.GetProperty("powerW").GetRawText());
        Assert.Equal("100", fleet.GetProperty("hashrateThs").GetRawText());
        Assert.Equal("30", fleet.GetProperty("efficiencyJTh").GetRawText());
    }

    [Fact]
    public async Task Fleet_EnergyOfTwoQualities_ShowsEachAndTheLevyExactly()
    {
        await using RunningService service = await RunningService.StartAsync();
        await TwoRigs.SendAsync(service);

        JsonElement fleet = await service.GetAsync("/api/v1/fleet");

        const string Sum =
            """{"energyKwh":2.2,"registerKwh":2,"integratedKwh":0.2,"estimatedKwh":0,"unratedKwh":0,"amount":4.4,"currency":"KZT"}""";
        Assert.Equal(Sum, fleet.GetProperty("today").GetRawText());
        Assert.Equal(Sum, fleet.GetProperty("thisPeriod").GetRawText());
        JsonElement site = fleet.GetProperty("sites")[0];
        Assert.Equal("north 2026-11-21 2026-Q4", $"{site.GetProperty("site")} {site.GetProperty("date")} {site.GetProperty("period")}");
    }

    [Fact]
    public async Task Fleet_YesterdaysEnergy_IsOfThePeriodAndNotOfToday()
    {
        await using RunningService service = await RunningService.StartAsync();
        await TwoRigs.SendAsync(service);

        // 00:00:01 of the next day in Almaty (UTC+5).
        service.Time.Now = new DateTimeOffset(2026, 11, 21, 19, 0, 1, TimeSpan.Zero);
        JsonElement fleet = await service.GetAsync("/api/v1/fleet");

        Assert.Equal("0", fleet.GetProperty("today").GetProperty("amount").GetRawText());
        Assert.Equal("4.4", fleet.GetProperty("thisPeriod").GetProperty("amount").GetRawText());
    }

    [Fact]
    public async Task Fleet_FedRigsAndTheirFeeder_CountPowerOnceAndHashRateOfAll()
    {
        const string FleetFile = """
            {"sites":[{"id":"north","timeZone":"Asia/Almaty","devices":[
              {"id":"pdu-1","role":"feeder"},{"id":"rig-1","role":"rig","fedBy":"pdu-1"},{"id":"meter-1","role":"control-meter"}]}]}
            """;
        await using RunningService service = await RunningService.StartAsync(FleetFile);
        await service.SendAsync("north", "pdu-1", "2026-11-21T10:30:00", "\"power_w\":3200");
        await service.SendAsync("north", "rig-1", "2026-11-21T10:30:00", "\"power_w\":3000,\"hashrate_ths\":100");
        await service.SendAsync("north", "meter-1", "2026-11-21T10:30:00", "\"power_w\":5000");

        JsonElement fleet = await service.GetAsync("/api/v1/fleet");

        Assert.Equal("3200", fleet.GetProperty("powerW").GetRawText());
        Assert.Equal("100", fleet.GetProperty("hashrateThs").GetRawText());
        Assert.Equal("30", fleet.GetProperty("efficiencyJTh").GetRawText());
    }

    [Fact]
    public async Task Fleet_NobodyReportedYet_AnswersWithNothingRatherThanZeroEfficiency()
    {
        await using RunningService service = await RunningService.StartAsync();

        JsonElement fleet = await service.GetAsync("/api/v1/fleet");

        Assert.Equal(JsonValueKind.Null, fleet.GetProperty("efficiencyJTh").ValueKind);
        Assert.Equal(0, fleet.GetProperty("devices").GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Map_StatesInLetters_StandInTheOrderOfTheRoster()
    {
        await using RunningService service = await RunningService.StartAsync();
        await TwoRigs.SendAsync(service);
        await service.SendAsync("north", "rig-10", "2026-11-21T10:30:00", "\"power_w\":20,\"hashrate_ths\":0");

        JsonElement map = await service.GetAsync("/api/v1/fleet/map");
        JsonElement roster = await service.GetAsync("/api/v1/fleet/roster");

        Assert.Equal("moi", map.GetProperty("sites")[0].GetProperty("states").GetString());
        Assert.Equal("""["rig-1","rig-2","rig-10"]""", roster.GetProperty("sites")[0].GetProperty("devices").GetRawText());
        Assert.Equal(roster.GetProperty("roster").GetString(), map.GetProperty("roster").GetString());
    }

    [Fact]
    public async Task Fleet_ManyViewersInOneSecond_SeeTheSameMoment()
    {
        await using RunningService service = await RunningService.StartAsync();
        await TwoRigs.SendAsync(service);

        JsonElement first = await service.GetAsync("/api/v1/fleet");
        await service.SendAsync("north", "rig-3", "2026-11-21T10:30:00", "\"power_w\":3000");
        JsonElement second = await service.GetAsync("/api/v1/fleet");
        service.Time.Now += TimeSpan.FromSeconds(1);
        JsonElement third = await service.GetAsync("/api/v1/fleet");

        Assert.Equal(2, second.GetProperty("devices").GetProperty("total").GetInt32());
        Assert.Equal(first.GetProperty("at").GetString(), second.GetProperty("at").GetString());
        Assert.Equal(3, third.GetProperty("devices").GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Unknown_Address_IsAProblem()
    {
        await using RunningService service = await RunningService.StartAsync();

        JsonElement problem = await service.ProblemAsync(HttpStatusCode.NotFound, "/api/v1/nothing");

        Assert.Equal(404, problem.GetProperty("status").GetInt32());
    }
}
