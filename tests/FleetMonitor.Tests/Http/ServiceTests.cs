using System.Text.Json;
using Xunit;

namespace FleetMonitor.Tests.Http;

public sealed class ServiceTests
{
    [Fact]
    public async Task Ready_RunningAndConnected_IsReady()
    {
        await using RunningService service = await RunningService.StartAsync();

        JsonElement ready = await service.GetAsync("/readyz");

        Assert.True(ready.GetProperty("ready").GetBoolean());
        Assert.Equal("running", ready.GetProperty("pipeline").GetString());
    }

    [Fact]
    public async Task Metrics_AfterReadingsAndARefusal_CountBoth()
    {
        await using RunningService service = await RunningService.StartAsync();
        await TwoRigs.SendAsync(service);
        await service.SendAsync("north", "rig-3", "2026-11-21T10:30:00", "\"power_w\":-5");

        string[] lines = (await service.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n');

        Assert.Contains("fleetmonitor_readings_total 4", lines);
        Assert.Contains("fleetmonitor_quarantined_total{reason=\"implausible\"} 1", lines);
        Assert.Contains("fleetmonitor_source_connected{source=\"listener\"} 1", lines);
    }

    [Fact]
    public async Task Quarantine_RefusedMessage_IsShownWithWhereAndWhy()
    {
        await using RunningService service = await RunningService.StartAsync();
        await service.PublishAsync("fleet/north/rig-3/telemetry", """{"power_w":-5,"note":"<script>"}""", "2026-11-21T10:30:00");

        JsonElement quarantine = await service.GetAsync("/api/v1/quarantine");

        JsonElement reason = quarantine.GetProperty("reasons")[0];
        JsonElement sample = reason.GetProperty("samples")[0];
        Assert.Equal("implausible 1", $"{reason.GetProperty("reason")} {reason.GetProperty("count")}");
        Assert.Equal("power_w", sample.GetProperty("where").GetString());
        Assert.Equal("""{"power_w":-5,"note":"<script>"}""", sample.GetProperty("payload").GetString());
    }

    [Fact]
    public async Task Quarantine_OfOneReason_PagesOldestFirst()
    {
        await using RunningService service = await RunningService.StartAsync();
        foreach (int number in new[] { 1, 2, 3 })
        {
            await service.SendAsync("north", $"rig-{number}", "2026-11-21T10:30:00", "\"power_w\":-5");
        }

        JsonElement first = await service.GetAsync("/api/v1/quarantine?reason=implausible&limit=2");
        JsonElement second = await service.GetAsync($"/api/v1/quarantine?reason=implausible&limit=2&after={first.GetProperty("next").GetString()}");

        Assert.Equal(2, first.GetProperty("rows").GetArrayLength());
        Assert.Equal("fleet/north/rig-3/telemetry", second.GetProperty("rows").EnumerateArray().Single().GetProperty("topic").GetString());
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
    }

    [Fact]
    public async Task Anomalies_RegisterReset_IsActiveWithItsEvidence()
    {
        await using RunningService service = await RunningService.StartAsync(null, ("Anomalies:WarmUp", "0s"));
        await service.SendAsync("north", "rig-1", "2026-11-21T10:00:00", "\"energy_wh\":5000000");
        await service.SendAsync("north", "rig-1", "2026-11-21T10:10:00", "\"energy_wh\":100");
        await service.SendAsync("north", "rig-1", "2026-11-21T10:20:00", "\"energy_wh\":200");

        JsonElement list = await service.GetAsync("/api/v1/anomalies?active=true");

        JsonElement anomaly = list.GetProperty("rows").EnumerateArray().Single(row => row.GetProperty("kind").GetString() == "counter-reset");
        Assert.Equal("north/rig-1", $"{anomaly.GetProperty("site")}/{anomaly.GetProperty("device")}");
        Assert.Equal("5000", anomaly.GetProperty("evidence").GetProperty("before_kwh").GetRawText());
        Assert.Equal(1, list.GetProperty("active").GetProperty("warning").GetInt32());
        Assert.Empty((await service.GetAsync("/api/v1/anomalies?active=false")).GetProperty("rows").EnumerateArray());
    }

    [Fact]
    public async Task Description_NamesEveryEndpointAndItsParameters()
    {
        await using RunningService service = await RunningService.StartAsync();

        JsonElement paths = (await service.GetAsync("/openapi/v1.json")).GetProperty("paths");

        string[] expected =
        [
            "/healthz", "/readyz", "/metrics", "/api/v1/fleet", "/api/v1/devices", "/api/v1/devices/{site}/{device}", "/api/v1/levy/totals",
            "/api/v1/levy/periods", "/api/v1/levy/periods/{period}", "/api/v1/levy/periods/{period}/close",
            "/api/v1/levy/periods/{period}/statement", "/api/v1/reconciliation", "/api/v1/anomalies", "/api/v1/quarantine",
        ];
        Assert.Empty(expected.Except(paths.EnumerateObject().Select(path => path.Name)));
        Assert.Equal(
            ["site", "from", "to", "group", "limit", "after"],
            paths.GetProperty("/api/v1/levy/totals").GetProperty("get").GetProperty("parameters").EnumerateArray()
                .Select(parameter => parameter.GetProperty("name").GetString()));
    }
}
