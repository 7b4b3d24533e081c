using System.Net;
using System.Text.Json;
using FleetMonitor.Service.Http;
using Xunit;

namespace FleetMonitor.Tests.Http;

/// <summary>What the page draws a site's map from: racks, and a value of each device.</summary>
public sealed class MapTests
{
    [Fact]
    public async Task Roster_RacksStatedFedAndNumbered_GroupEachDeviceByTheFirstThatIsThere()
    {
        const string FleetFile = """
            {"sites":[{"id":"north","timeZone":"Asia/Almaty","devices":[
              {"id":"pdu-1","role":"feeder","rack":"A-2"},{"id":"rig-1","fedBy":"pdu-1"},{"id":"rig-2","rack":"A-10","fedBy":"pdu-1"},{"id":"rig-3","rack":"A-2"}]}]}
            """;
        await using RunningService service = await RunningService.StartAsync(FleetFile);
        foreach (string device in (string[])["pdu-1", "rig-1", "rig-2", "rig-3", "s19-1", "s19-2"])
        {
            await service.SendAsync("north", device, "2026-11-21T10:30:00", "\"power_w\":3000");
        }

        JsonElement site = (await service.GetAsync("/api/v1/fleet/roster")).GetProperty("sites")[0];

        Assert.Equal("""["pdu-1","rig-1","rig-2","rig-3","s19-1","s19-2"]""", site.GetProperty("devices").GetRawText());
        // rig-1 stands where its feeder is named; the two that nobody listed share all but their number.
        Assert.Equal("""["A-2","A-10","pdu-1","s19"]""", site.GetProperty("racks").GetRawText());
        Assert.Equal("[[0,1],[2,1],[1,1],[0,1],[3,2]]", site.GetProperty("rackOf").GetRawText());
    }

    [Fact]
    public void Racks_OfIdsThatOnlyDifferInTheirNumber_AreNone() => Assert.Empty(Racks.Of(null, ["rig-1", "rig-2", "rig-3"]).Names);

    [Fact]
    public void Racks_OfIdsThatShareNothing_AreNone() => Assert.Empty(Racks.Of(null, ["a4:5b:c1", "b2:00:9f", "77:1e:aa"]).Names);

    [Fact]
    public void Racks_OfIdsThatCountWithinARack_AreTheirStems()
    {
        Racks racks = Racks.Of(null, ["c1-r1-1", "c1-r1-2", "c1-r2-1", "c1-r2-2", "c1-r10-1", "c1-r10-2"]);

        Assert.Equal(["c1-r1", "c1-r2", "c1-r10"], racks.Names);
        Assert.Equal([(0, 2), (1, 2), (2, 2)], racks.Runs);
    }

    [Fact]
    public async Task Map_ShowingTemperature_HasALetterForLiveDevicesOnly()
    {
        await using RunningService service = await RunningService.StartAsync();
        // rig-2 has been silent for long; rig-1 says 61.5 °C, rig-3 71.5 °C.
        await TwoRigs.SendAsync(service);
        await service.SendAsync("north", "rig-3", "2026-11-21T10:30:00", "\"power_w\":3000,\"hashrate_ths\":100,\"temp_c\":71.5");

        JsonElement heat = (await service.GetAsync("/api/v1/fleet/map?show=temperature")).GetProperty("sites")[0].GetProperty("heat");

        // The middle one is 71.5, a fifth of which is 14.3: 4.3 wider than the values, half of it at each end.
        Assert.Equal(59.35, heat.GetProperty("low").GetDouble(), 3);
        Assert.Equal(73.65, heat.GetProperty("high").GetDouble(), 3);
        // 2.15 and 12.15 of 14.3, in 61 steps: 9.17 and 51.8.
        Assert.Equal("9-q", heat.GetProperty("values").GetString());
    }

    [Fact]
    public async Task Map_ShowingWhatIsNoMeasure_IsRefused()
    {
        await using RunningService service = await RunningService.StartAsync();

        await service.ProblemAsync(HttpStatusCode.BadRequest, "/api/v1/fleet/map?show=colour");
    }

    [Fact]
    public void Heat_WithOneOddValueAmongMany_KeepsTheScaleOfTheMany()
    {
        double[] values = [.. Enumerable.Range(0, 999).Select(i => 50.0 + (i % 20)), 900];

        HeatAnswer heat = HeatAnswer.Of(values);

        Assert.Equal((50, 69), (heat.Low, heat.High));
        Assert.Equal('0', heat.Values[0]);
        Assert.Equal('z', heat.Values[^1]);
    }

    [Fact]
    public void Heat_OfNothing_IsNothing() => Assert.Equal(new HeatAnswer(0, 0, "--"), HeatAnswer.Of([double.NaN, double.NaN]));
}
