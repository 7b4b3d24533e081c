using System.Net;
using System.Text.Json;
using Xunit;

namespace FleetMonitor.Tests.Http;

public sealed class DeviceTests
{
    /// <summary>The control meter counted 6 kWh; the two rigs metered 4 kWh each.</summary>
    private const string ControlMetered = """
        {"sites":[{"id":"north","timeZone":"Asia/Almaty","basis":"control-meter","controlMeters":["meter-1"],"devices":[
          {"id":"meter-1","role":"control-meter"},{"id":"rig-1","role":"rig","model":"S21"},{"id":"rig-2","role":"rig"}]}]}
        """;

    [Fact]
    public async Task Device_LastReading_HasItsAgeAndWhatItCost()
    {
        await using RunningService service = await RunningService.StartAsync();
        await TwoRigs.SendAsync(service);

        JsonElement rig = (await service.GetAsync("/api/v1/devices/north/rig-1")).GetProperty("device");

        Assert.Equal("mining", rig.GetProperty("state").GetString());
        Assert.Equal("2026-11-21T10:30:00.000Z", rig.GetProperty("readingAt").GetString());
        Assert.Equal("10", rig.GetProperty("ageS").GetRawText());
        Assert.Equal("3", rig.GetProperty("registerKwh").GetRawText());
        Assert.Equal("30", rig.GetProperty("efficiencyJTh").GetRawText());
        Assert.Equal("61.5", rig.GetProperty("temperatureC").GetRawText());
        Assert.Equal("4", rig.GetProperty("levyToday").GetRawText());
        Assert.Equal("billed", rig.GetProperty("billing").GetString());
    }

    [Fact]
    public async Task Device_NotReportedField_IsNullAndNotZero()
    {
        await using RunningService service = await RunningService.StartAsync();
        await service.SendAsync("north", "plug", "2026-11-21T10:30:00", "\"energy_wh\":5");

        JsonElement plug = (await service.GetAsync("/api/v1/devices/north/plug")).GetProperty("device");

        Assert.Equal(JsonValueKind.Null, plug.GetProperty("powerW").ValueKind);
        Assert.Equal(JsonValueKind.Null, plug.GetProperty("hashrateThs").ValueKind);
    }

    [Fact]
    public async Task Device_OfASiteThatTheFleetFileNoLongerLists_IsStillAnswered()
    {
        await using RunningService service = await RunningService.StartAsync(ControlMetered);
        await TwoRigs.SendAsync(service);

        await service.TakeFleetAsync("""{"sites":[{"id":"south","timeZone":"Asia/Almaty","devices":[]}]}""");
        JsonElement list = await service.GetAsync("/api/v1/devices");
        JsonElement rig = await service.GetAsync("/api/v1/devices/north/rig-1");
        JsonElement fleet = await service.GetAsync("/api/v1/fleet");

        Assert.Equal(2, list.GetProperty("total").GetInt32());
        Assert.Equal(2, list.GetProperty("rows").GetArrayLength());
        Assert.Equal("unregistered", rig.GetProperty("device").GetProperty("registration").GetString());
        Assert.Equal("4", rig.GetProperty("device").GetProperty("levyThisPeriod").GetRawText());
        Assert.Equal("4.4", fleet.GetProperty("thisPeriod").GetProperty("amount").GetRawText());
    }

    [Fact]
    public async Task Devices_PageByPage_ComeInNaturalOrderAndEachOnce()
    {
        await using RunningService service = await RunningService.StartAsync();
        foreach (int number in new[] { 10, 9, 2, 1 })
        {
            await service.SendAsync("north", $"rig-{number}", "2026-11-21T10:30:00", "\"power_w\":3000");
        }

        var names = new List<string?>();
        string? next = null;
        do
        {
            JsonElement page = await service.GetAsync("/api/v1/devices?limit=3" + (next is null ? "" : $"&after={next}"));
            names.AddRange(page.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("device").GetString()));
            next = page.GetProperty("next").GetString();
        }
        while (next is not null);

        Assert.Equal(["rig-1", "rig-2", "rig-9", "rig-10"], names);
    }

    [Theory]
    [InlineData("state=offline", "rig-2")]
    [InlineData("state=mining", "rig-1")]
    [InlineData("search=RIG-2", "rig-2")]
    [InlineData("site=south", "")]
    public async Task Devices_Filtered_AreOnlyThose(string query, string expected)
    {
        await using RunningService service = await RunningService.StartAsync();
        await TwoRigs.SendAsync(service);

        JsonElement page = await service.GetAsync($"/api/v1/devices?{query}");

        Assert.Equal(expected, string.Join(' ', page.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("device").GetString())));
    }

    [Fact]
    public async Task Devices_BilledByControlMeter_GetTheirShareOfWhatItCounted()
    {
        await using RunningService service = await RunningService.StartAsync(ControlMetered);
        foreach ((string device, int wattHours) in new[] { ("meter-1", 6_000), ("rig-1", 4_000), ("rig-2", 4_000) })
        {
            await service.SendAsync("north", device, "2026-11-21T09:00:00", "\"energy_wh\":0");
            await service.SendAsync("north", device, "2026-11-21T10:00:00", $"\"energy_wh\":{wattHours}");
        }

        JsonElement page = await service.GetAsync("/api/v1/devices");

        // 6 kWh over two equal shares: 3 kWh at 2 KZT each. The meter itself is the whole, and no share of it.
        Assert.Equal(
            ["meter-1 control-meter null", "rig-1 allocated 6", "rig-2 allocated 6"],
            page.GetProperty("rows").EnumerateArray().Select(row =>
                $"{row.GetProperty("device")} {row.GetProperty("billing")} {row.GetProperty("levyToday").GetRawText()}"));
    }

    [Fact]
    public async Task Devices_BilledByControlMeter_AgreeWithTotalsByDevice()
    {
        await using RunningService service = await RunningService.StartAsync(ControlMetered);
        foreach ((string device, int wattHours) in new[] { ("meter-1", 7_001), ("rig-1", 4_000), ("rig-2", 5_003), ("rig-9", 13) })
        {
            await service.SendAsync("north", device, "2026-11-21T09:00:00", "\"energy_wh\":0");
            await service.SendAsync("north", device, "2026-11-21T10:00:00", $"\"energy_wh\":{wattHours}");
        }

        JsonElement devices = await service.GetAsync("/api/v1/devices");
        JsonElement totals = await service.GetAsync("/api/v1/levy/totals?group=device");

        Dictionary<string, decimal> shares = devices.GetProperty("rows").EnumerateArray()
            .Where(row => row.GetProperty("levyThisPeriod").ValueKind == JsonValueKind.Number)
            .ToDictionary(row => row.GetProperty("device").GetString()!, row => row.GetProperty("levyThisPeriod").GetDecimal());
        Assert.Equal(3, shares.Count);
        foreach (JsonElement row in totals.GetProperty("rows").EnumerateArray())
        {
            if (shares.TryGetValue(row.GetProperty("device").GetString()!, out decimal share))
            {
                // A microwatt-hour is 2e-9 KZT.
                Assert.InRange(share - row.GetProperty("amount").GetDecimal(), -0.000000004m, 0.000000004m);
            }
        }
    }

    [Fact]
    public async Task Device_NeverHeardOf_IsNotFound()
    {
        await using RunningService service = await RunningService.StartAsync();

        JsonElement problem = await service.ProblemAsync(HttpStatusCode.NotFound, "/api/v1/devices/north/rig-1");

        Assert.Contains("north/rig-1", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Device_NameThatNeedsEscaping_IsFoundByIt()
    {
        await using RunningService service = await RunningService.StartAsync();
        await service.SendAsync("north", "plug [hall 2] <7> & café", "2026-11-21T10:30:00", "\"power_w\":3000");

        JsonElement found = await service.GetAsync("/api/v1/devices/north/" + Uri.EscapeDataString("plug [hall 2] <7> & café"));

        Assert.Equal("plug [hall 2] <7> & café", found.GetProperty("device").GetProperty("device").GetString());
    }

    [Fact]
    public async Task Readings_OfTheLastHour_AreThinnedOutAndHolesStayHoles()
    {
        await using RunningService service = await RunningService.StartAsync();
        await TwoRigs.SendAsync(service);

        // One hour in six points: from 09:30:10 on, ten minutes each; 10:00 falls into the third, 10:30 into the sixth.
        JsonElement readings = await service.GetAsync("/api/v1/devices/north/rig-1/readings?hours=1&points=6");

        Assert.Equal(
            ["2026-11-21T09:50:10.000Z 1 3900", "2026-11-21T10:20:10.000Z 1 3000"],
            readings.GetProperty("rows").EnumerateArray().Select(row =>
                $"{row.GetProperty("at")} {row.GetProperty("readings")} {row.GetProperty("powerMeanW").GetRawText()}"));
    }
}
