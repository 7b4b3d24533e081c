using System.Text.Json;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Tests.Http;
using Xunit;

namespace FleetMonitor.Tests.Alerts;

/// <summary>A control meter and two rigs under it, through the pipeline, hour by hour.</summary>
public sealed class MeterMismatchTests
{
    private const string Fleet = """
        {"sites":[{"id":"north","timeZone":"Asia/Almaty","controlMeters":["meter"],
          "devices":[{"id":"rig-1","role":"rig"},{"id":"rig-2","role":"rig"},{"id":"pdu","role":"feeder"},{"id":"rig-3","role":"rig","fedBy":"pdu"}]}]}
        """;

    private static readonly TimeSpan Step = TimeSpan.FromMinutes(4);

    private double _meter = 1_000_000;

    [Fact]
    public async Task EnergyThatGoesPastTheRigs_IsAnAlertOfTheSite_AfterTwoHours()
    {
        await using RunningService service = await RunningService.StartAsync(Fleet, ("Anomalies:WarmUp", "0s"));
        await RunAsync(service, TimeSpan.FromHours(27), meterWatts: 9_300);
        Assert.Empty(await RowsAsync(service));

        await RunAsync(service, TimeSpan.FromHours(4), meterWatts: 10_300);

        JsonElement alert = Assert.Single(await RowsAsync(service));
        Assert.Equal(("meter-mismatch", ""), (AlertApiTests.Text(alert, "kind"), AlertApiTests.Text(alert, "device")));
        // 9,000 W of 10,300 W are explained; 9,000 W of 9,300 W were.
        Assert.InRange(alert.GetProperty("evidence").GetProperty("unexplained_share").GetDouble(), 0.12, 0.13);
        Assert.InRange(alert.GetProperty("evidence").GetProperty("usual_share").GetDouble(), 0.03, 0.035);
    }

    private static async Task<JsonElement[]> RowsAsync(RunningService service) =>
        [.. (await service.GetAsync("/api/v1/anomalies?active=true&kind=meter-mismatch")).GetProperty("rows").EnumerateArray()];

    /// <summary>Two rigs of 3,000 W, a feeder of 3,000 W whose rig counts only once, and a meter in front of all.</summary>
    private async Task RunAsync(RunningService service, TimeSpan time, double meterWatts)
    {
        for (DateTimeOffset end = service.Time.Now + time; service.Time.Now < end;)
        {
            service.Time.Now += Step;
            _meter += meterWatts * Step.TotalHours;
            string at = $"{service.Time.Now:yyyy-MM-ddTHH:mm:ss}Z";
            await service.PublishAsync(
                [
                    .. new[] { "rig-1", "rig-2", "pdu", "rig-3" }.Select(device =>
                        ($"fleet/north/{device}/telemetry", $$"""{"ts":"{{at}}","power_w":3000}""")),
                    ("fleet/north/meter/telemetry", FormattableString.Invariant($$"""{"ts":"{{at}}","energy_wh":{{_meter}}}""")),
                ],
                Instant.From(service.Time.Now));
            await service.TickAsync();
        }
    }
}
