using System.Text;
using System.Text.Json;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Influx;
using FleetMonitor.Tests.Http;
using Xunit;

namespace FleetMonitor.Tests.Alerts;

/// <summary>A site that loses power is not a thousand alerts: through the pipeline, to everywhere that alerts go.</summary>
public sealed class SiteDropTests
{
    private const int Rigs = 1_000;

    [Fact]
    public async Task AThousandRigs_ThatStop_AreOneAlertEverywhere_AndOneEnd()
    {
        await using RunningService service = await RunningService.StartAsync(
            null, ("Anomalies:WarmUp", "0s"), ("Influx:Url", "http://127.0.0.1:1"));
        await RunAsync(service, minutes: 3);
        Assert.Empty(await ActiveAsync(service));

        await service.PassAsync(TimeSpan.FromMinutes(12));

        JsonElement drop = Assert.Single(await ActiveAsync(service));
        Assert.Equal("site-drop", AlertApiTests.Text(drop, "kind"));
        Assert.StartsWith("1000 of 1000 devices went down together", AlertApiTests.Text(drop, "text"), StringComparison.Ordinal);
        await AlertApiTests.Eventually(() => service.Published.Count > 0);
        Assert.Equal("fleet/site-1/site/anomaly", service.Published.Single().Topic);
        Assert.Equal(["raised"], Points(service));
        JsonElement rigs = await service.GetAsync($"/api/v1/anomalies?active=true&limit=1000&cause={AlertApiTests.Text(drop, "id")}");
        Assert.Equal(Rigs, rigs.GetProperty("rows").GetArrayLength());

        await RunAsync(service, minutes: 4);

        Assert.Empty(await ActiveAsync(service));
        await AlertApiTests.Eventually(() => service.Published.Count > 1);
        Assert.Equal(2, service.Published.Count);
        Assert.Equal(["raised", "cleared"], Points(service));
    }

    [Fact]
    public async Task RigsOfOneFeeder_ThatStop_AreOneAlert_WhileTheOthersWorkOn()
    {
        string rigs = string.Join(',', Enumerable.Range(0, 100).Select(rig => $$"""{"id":"rig-{{rig}}","role":"rig","fedBy":"pdu-{{rig / 8}}"}"""));
        string feeders = string.Join(',', Enumerable.Range(0, 13).Select(pdu => $$"""{"id":"pdu-{{pdu}}","role":"feeder"}"""));
        await using RunningService service = await RunningService.StartAsync(
            $$"""{"sites":[{"id":"site-1","devices":[{{rigs}},{{feeders}}]}]}""", ("Anomalies:WarmUp", "0s"), ("Influx:Url", "http://127.0.0.1:1"));
        await RunAsync(service, minutes: 3, Enumerable.Range(0, 100));

        await RunAsync(service, minutes: 8, Enumerable.Range(0, 100).Where(rig => rig / 8 != 3));

        JsonElement drop = Assert.Single(await ActiveAsync(service));
        Assert.Equal("group-drop", AlertApiTests.Text(drop, "kind"));
        Assert.Equal("feeder pdu-3", AlertApiTests.Text(drop, "group"));
        Assert.StartsWith("8 of 8 devices of feeder pdu-3 went down together", AlertApiTests.Text(drop, "text"), StringComparison.Ordinal);
        await AlertApiTests.Eventually(() => service.Published.Count > 0);
        Assert.Equal("fleet/site-1/site/anomaly", service.Published.Single().Topic);

        await RunAsync(service, minutes: 4, Enumerable.Range(0, 100));
        Assert.Empty(await ActiveAsync(service));
        Assert.Equal(["raised", "cleared"], Points(service));
    }

    private static Task RunAsync(RunningService service, int minutes) => RunAsync(service, minutes, Enumerable.Range(0, Rigs));

    private static async Task RunAsync(RunningService service, int minutes, IEnumerable<int> rigs)
    {
        for (int minute = 0; minute < minutes; minute++)
        {
            await service.PublishAsync(
                [
                    .. rigs.Select(rig => (
                        $"fleet/site-1/rig-{rig}/telemetry",
                        $$"""{"ts":"{{service.Time.Now:yyyy-MM-ddTHH:mm:ss}}Z","power_w":{{3000 + (rig % 7)}},"hashrate_ths":110}""")),
                ],
                Instant.From(service.Time.Now));
            await service.PassAsync(TimeSpan.FromMinutes(1));
        }
    }

    private static async Task<JsonElement[]> ActiveAsync(RunningService service) =>
        [.. (await service.GetAsync("/api/v1/anomalies?active=true")).GetProperty("rows").EnumerateArray()];

    /// <summary>The events of the points of <c>anomaly</c> on their way to the time-series store.</summary>
    private static IEnumerable<string> Points(RunningService service)
    {
        using LedgerReader ledger = service.OpenLedger();
        var lines = new MemoryStream();
        foreach (OutboxRow row in ledger.Outbox(0, int.MaxValue))
        {
            OutboxLines.Unpack(row.Entry.Lines, lines);
        }

        return
        [
            .. Encoding.UTF8.GetString(lines.ToArray()).Split('\n')
                .Where(line => line.StartsWith("anomaly,", StringComparison.Ordinal))
                .Select(line => line.Split("event=\"")[1].Split('"')[0]),
        ];
    }
}
