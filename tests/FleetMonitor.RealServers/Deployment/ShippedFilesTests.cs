using System.Globalization;
using System.Text.Json;
using FleetMonitor.RealServers.Influx;
using FleetMonitor.RealServers.Ingest;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Deployment;

/// <summary>What we ship for a site, run by the programs it is for.</summary>
[Collection(PatientCollection.Name)]
public sealed class ShippedFilesTests
{
    [RealServerFact(MosquittoServer.Program, ShippedBroker.Publisher, ShippedBroker.Subscriber, ShippedBroker.Passwords)]
    public async Task Broker_LetsASiteWriteBelowItself_AndNobodyElseWriteAnything()
    {
        await using ShippedBroker broker = await ShippedBroker.StartAsync();
        await using ChildProcess service = broker.Subscribe("fleetmonitor", "fleet/#", "-d");
        await service.WaitForAsync("Subscribed", Tool.Patience);

        Assert.NotEqual(0, (await broker.PublishAsync("", "fleet/site-1/rig-1/telemetry", ["anonymous"])).ExitCode);
        await broker.PublishAsync("site-1", "fleet/site-2/rig-1/telemetry", ["other site"]);
        await broker.PublishAsync("viewer", "fleet/site-1/rig-1/telemetry", ["viewer"]);
        await broker.PublishAsync("fleetmonitor", "fleet/site-1/rig-1/telemetry", ["service as rig"]);
        await broker.PublishAsync("site-1", "fleet/site-1/rig-1/anomaly", ["rig as service"]);
        await broker.PublishAsync("fleetmonitor", "fleet/site-1/rig-1/anomaly", ["alert"]);
        await broker.PublishAsync("site-1", "fleet/site-1/rig-1/telemetry", ["reading"]);
        await service.WaitForAsync("fleet/site-1/rig-1/telemetry reading", Tool.Patience);

        string[] received = [.. service.Output.Split('\n').Where(line => line.StartsWith("fleet/", StringComparison.Ordinal))];
        Assert.Equal(["fleet/site-1/rig-1/anomaly alert", "fleet/site-1/rig-1/telemetry reading"], received);
    }

    [RealServerFact(MosquittoServer.Program, ShippedBroker.Publisher, ShippedBroker.Subscriber, ShippedBroker.Passwords)]
    public async Task Broker_KeepsMoreThanItsDefaultQueue_OverARestart()
    {
        const int Messages = 5_000;
        await using ShippedBroker broker = await ShippedBroker.StartAsync();
        await using (ChildProcess first = broker.Subscribe("fleetmonitor", "fleet/#", "-E"))
        {
            Assert.Equal(0, (await first.EndAsync(Tool.Patience)).ExitCode);
        }

        await broker.PublishAsync("site-1", "fleet/site-1/rig-1/telemetry", Enumerable.Range(0, Messages).Select(i => i.ToString(CultureInfo.InvariantCulture)));
        await broker.RestartAsync();
        await using ChildProcess again = broker.Subscribe("fleetmonitor", "fleet/#", "-C", Messages.ToString(CultureInfo.InvariantCulture), "-W", "30");

        ChildResult result = await again.EndAsync(Tool.Patience);
        Assert.Equal(
            Enumerable.Range(0, Messages).Select(i => $"fleet/site-1/rig-1/telemetry {i}"), result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain("Error", broker.Log, StringComparison.Ordinal);
    }

    [RealServerFact("bash")]
    public async Task HealthCheckOfTheImage_SaysWhetherTheServiceRuns()
    {
        string dockerfile = await File.ReadAllTextAsync(Repository.File("docker/Dockerfile"));
        string line = dockerfile.Split('\n').Single(line => line.TrimStart().StartsWith("CMD [\"bash\"", StringComparison.Ordinal));
        string[] check = JsonSerializer.Deserialize<string[]>(line.Trim()["CMD ".Length..])!;
        await using var service = new ServiceWithStore();
        string[] arguments = [.. check[1..].Select(argument => argument.Replace("/8080", $"/{service.HttpPort}", StringComparison.Ordinal))];

        Assert.NotEqual(0, (await ChildProcess.RunAsync(Programs.Require(check[0]), arguments, Tool.Patience)).ExitCode);
        await service.StartAsync();
        Assert.Equal(0, (await ChildProcess.RunAsync(Programs.Require(check[0]), arguments, Tool.Patience)).ExitCode);
    }

    [RealServerFact("systemd-analyze")]
    public async Task SystemdUnit_IsHardened()
    {
        ChildResult result = await ChildProcess.RunAsync(
            Programs.Require("systemd-analyze"),
            ["security", "--offline=true", "--no-pager", "--threshold=13", Repository.File("config/systemd/fleetmonitor.service")],
            Tool.Patience);

        Assert.True(result.ExitCode == 0, result.Output[^200..]);
        Assert.DoesNotContain("Unknown", result.Errors, StringComparison.Ordinal);
    }
}
