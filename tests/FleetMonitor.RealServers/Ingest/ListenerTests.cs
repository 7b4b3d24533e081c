using System.Globalization;
using System.Text.Json;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Ingest;

/// <summary>The built-in listener, spoken to by mosquitto's own clients.</summary>
[Collection(BusyCollection.Name)]
public sealed class ListenerTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UtcNow.AddMinutes(-10);

    [RealServerFact(TestSite.Publisher, Recording.Program)]
    public async Task Listener_PublishedToInBothVersionsAndQualities_MetersAndForwards()
    {
        await using TestSite site = TestSite.WithoutBroker();
        await site.StartServiceAsync();
        await using ChildProcess old = await SubscribeAsync(site, "311");
        await using ChildProcess current = await SubscribeAsync(site, "5");

        (string Version, int Qos)[] ways = [("311", 0), ("311", 1), ("5", 0), ("5", 1)];
        foreach ((string version, int qos) in ways)
        {
            await site.PublishAsync(
                Samples.Topic($"rig-{version}-{qos}"),
                [Samples.Register(Start, 1_000m), Samples.Register(Start.AddSeconds(60), 1_050m)],
                qos,
                version);
        }

        await site.WaitForMetricAsync("fleetmonitor_readings_total", 2 * ways.Length);
        Books books = await site.BooksOnceAsync(books => books.Rows.Count == ways.Length);
        foreach ((string version, int qos) in ways)
        {
            string device = $"rig-{version}-{qos}";
            Assert.Equal((device, 0.05m), (device, books.Of($"site-1/{device}").Register));
            string forwarded = $"{Samples.Topic(device)} {Samples.Register(Start.AddSeconds(60), 1_050m)}";
            await old.WaitForAsync(forwarded, Tool.Patience);
            await current.WaitForAsync(forwarded, Tool.Patience);
        }
    }

    [RealServerFact(TestSite.Publisher, Recording.Program)]
    public async Task Listener_WithASubscriber_SendsAlerts()
    {
        await using TestSite site = TestSite.WithoutBroker();
        await site.StartServiceAsync();
        await using ChildProcess subscriber = await SubscribeAsync(site, "5");

        // A register that starts again from zero.
        await site.PublishAsync(
            Samples.Topic("rig-1"),
            [
                Samples.Register(Start, 900_000m), Samples.Register(Start.AddMinutes(1), 900_050m), Samples.Register(Start.AddMinutes(2), 10m),
                Samples.Register(Start.AddMinutes(4), 60m),
            ]);

        const string Topic = "fleet/site-1/rig-1/anomaly ";
        await subscriber.WaitForAsync(Topic, Tool.Patience);
        string line = subscriber.Output.Split('\n').First(line => line.StartsWith(Topic, StringComparison.Ordinal));
        using JsonDocument alert = JsonDocument.Parse(line[Topic.Length..]);
        Assert.Equal("counter-reset", alert.RootElement.GetProperty("kind").GetString());
        Assert.Equal("rig-1", alert.RootElement.GetProperty("device").GetString());
    }

    [RealServerFact(TestSite.Publisher, Recording.Program)]
    public async Task Listener_LosingARigWithoutAWord_HearsItsWill()
    {
        await using TestSite site = TestSite.WithoutBroker();
        site.Set("Anomalies:WarmUp", "0s");
        await site.StartServiceAsync();
        await site.PublishAsync(Samples.Topic("rig-1"), [Samples.Power(DateTimeOffset.UtcNow, 3_000m)]);
        await using ChildProcess rig = ChildProcess.Start(
            Programs.Require("stdbuf"),
            [
                "-oL", Programs.Require(Recording.Program), "-h", "127.0.0.1", "-p", site.MqttPort.ToString(CultureInfo.InvariantCulture), "-V", "5", "-t", "fleet/site-1/rig-1/commands", "-d",
                "--will-topic", "fleet/site-1/rig-1/presence", "--will-payload", "offline", "--will-qos", "2",
            ]);
        await rig.WaitForAsync("Subscribed", Tool.Patience);
        Assert.Equal("mining", await StateAsync(site));

        await rig.KillAsync();

        await site.WaitForMetricAsync("fleetmonitor_presence_total", 1);
        Assert.Equal("offline", await StateAsync(site));
    }

    private static async Task<string?> StateAsync(TestSite site)
    {
        using JsonDocument devices = JsonDocument.Parse(await site.GetAsync("/api/v1/devices?site=site-1"));
        return devices.RootElement.GetProperty("rows").EnumerateArray().Single().GetProperty("state").GetString();
    }

    private static async Task<ChildProcess> SubscribeAsync(TestSite site, string version)
    {
        ChildProcess subscriber = ChildProcess.Start(
            Programs.Require("stdbuf"),
            [
                "-oL", Programs.Require(Recording.Program), "-h", "127.0.0.1", "-p", site.MqttPort.ToString(CultureInfo.InvariantCulture),
                "-V", version, "-q", "1", "-t", "fleet/#", "-F", "%t %p", "-d",
            ]);
        await subscriber.WaitForAsync("Subscribed", Tool.Patience);
        return subscriber;
    }
}
