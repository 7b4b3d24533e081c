using System.Text.Json;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Tests.Http;
using Xunit;

namespace FleetMonitor.Tests.Alerts;

/// <summary>From messages as devices send them to what is told: facts, twins and plans.</summary>
public sealed class AlertsFromMessagesTests
{
    private const string Fleet = """
        {"sites":[
          {"id":"north","devices":[{"id":"rig-1","role":"rig","importPermit":"KNB-2022-17"},{"id":"rig-2","role":"rig"}]},
          {"id":"south","curtailments":[{"from":"2026-11-21T10:00:00Z","to":"2026-11-21T12:00:00Z"}],"devices":[{"id":"rig-3","role":"rig"}]}]}
        """;

    [Fact]
    public async Task Rig_WithoutAPermit_WhereOthersHaveOne_IsTold()
    {
        await using RunningService service = await StartAsync();

        await SayAsync(service, "north", "rig-1", 3000);
        await SayAsync(service, "north", "rig-2", 3000);

        await AlertApiTests.Eventually(() => service.Published.Count > 0);
        Assert.Equal("fleet/north/rig-2/anomaly", service.Published.Single().Topic);
        Assert.Equal("missing-permit rig-2 warning", await ActiveAsync(service));
    }

    [Fact]
    public async Task TwoDevices_UnderOneName_AreOneAlert()
    {
        await using RunningService service = await StartAsync();
        for (int minute = 0; minute < 20; minute++)
        {
            await SayAsync(service, "north", "rig-1", 3000, register: 9_000_000 + (50 * minute));
            await SayAsync(service, "north", "rig-1", 2000, register: 400_000 + (33 * minute));
        }

        Assert.Equal("duplicate-identity rig-1 critical", await ActiveAsync(service));
    }

    [Fact]
    public async Task Rig_SilentWhereLessPowerWasPlanned_IsNotTold_AndOneElsewhereIs()
    {
        await using RunningService service = await StartAsync();
        await SayAsync(service, "north", "rig-1", 3000);
        await SayAsync(service, "south", "rig-3", 3000);

        await service.PassAsync(TimeSpan.FromMinutes(20));

        Assert.Equal("offline rig-1 warning", await ActiveAsync(service));
    }

    private static Task<RunningService> StartAsync() => RunningService.StartAsync(Fleet, ("Anomalies:WarmUp", "0s"), ("Influx:Url", "http://127.0.0.1:1"));

    private static async Task SayAsync(RunningService service, string site, string device, int watts, long? register = null)
    {
        string energy = register is null ? "" : $",\"energy_wh\":{register}";
        await service.PublishAsync(
            [($"fleet/{site}/{device}/telemetry", $$"""{"ts":"{{service.Time.Now:yyyy-MM-ddTHH:mm:ss}}Z","power_w":{{watts}}{{energy}}}""")],
            Instant.From(service.Time.Now));
        await service.PassAsync(TimeSpan.FromSeconds(30));
    }

    private static async Task<string> ActiveAsync(RunningService service)
    {
        JsonElement list = await service.GetAsync("/api/v1/anomalies?active=true");
        return string.Join(", ", list.GetProperty("rows").EnumerateArray().Select(row =>
            $"{AlertApiTests.Text(row, "kind")} {AlertApiTests.Text(row, "device")} {AlertApiTests.Text(row, "severity")}"));
    }
}
