using System.Globalization;
using System.Text.Json;
using FleetMonitor.RealServers.Servers;
using Xunit;
using Xunit.Abstractions;

namespace FleetMonitor.RealServers.Ingest;

/// <summary>
/// Strangers at the listener's door, on real sockets: whatever they send, an honest rig's books are exact, every refusal is counted by its
/// reason, and memory has a bound. <c>FLEETMONITOR_STRANGERS=1000000</c> sends that many names instead of the few of a test run.
/// </summary>
[Collection(BusyCollection.Name)]
public sealed class HostileClientsTests(ITestOutputHelper output)
{
    private const string AtTheLimit = "fleetmonitor_listener_refused_total{what=\"ConnectionLimit\"";
    private const int MaxConnections = 300;
    private const int MaxUnregistered = 1_000;
    private const int MaxMegabytes = 1_024;
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    /// <summary>Payloads, and the reason that each is refused for.</summary>
    private static readonly (string Payload, string Reason)[] BadPayloads =
    [
        (new string('[', 100_000), "malformed"),
        ("{\"a\":" + string.Concat(Enumerable.Repeat("{\"a\":", 50_000)), "malformed"),
        ("""{"power_w":NaN}""", "malformed"),
        ("""{"power_w":Infinity}""", "malformed"),
        ("""{"power_w":1e999}""", "implausible"),
        ("""{"power_w":-1}""", "implausible"),
        ("""{"energy_wh":-0.001}""", "implausible"),
        ("""{"power_w":5000001}""", "implausible"),
        ("""{"power_w":"1"}""", "wrong-type"),
        ("""{"power_w":[1]}""", "wrong-type"),
        ("""{"power_w":1,"ts":"2009-12-31T00:00:00Z"}""", "clock"),
        ("""{"power_w":1,"ts":"9998-12-31T00:00:00Z"}""", "clock"),
        ("\0\0\0\0", "malformed"),
    ];

    /// <summary>Device levels that are no names.</summary>
    private static readonly string[] BadNames = ["a\nb", "a\rb", "a\u001b[31m", " a", "a\u2028b", "\ufffd", new string('n', 129), new string('x', 60_000)];

    /// <summary>Names that are allowed, and would be something else to a careless writer of line protocol, CSV or HTML.</summary>
    private static readonly string[] Injections =
    [
        "x,role=meter power_mean_w=9i", "x\\", "=cmd|'!A1'", "-2", "@SUM(A1)", "<script src=x>", "\"><img src=x>", "a;b\"c,d", "'; DROP TABLE device;--",
    ];

    [RealServerFact(TestSite.Publisher)]
    public async Task Listener_AmongStrangers_KeepsTheHonestRigsBooks()
    {
        await using TestSite site = TestSite.WithoutBroker();
        site.Set("Mqtt:Listener:MaxConnections", $"{MaxConnections}");
        site.Set("Fleet:MaxUnregistered", $"{MaxUnregistered}");
        await site.StartServiceAsync();
        await using RawMqtt honest = await RawMqtt.ConnectAsync(site.MqttPort, "honest");
        await ReportAsync(honest, 0);

        long hangUps = await SendBrokenPacketsAsync(site.MqttPort);
        await ReportAsync(honest, 1);
        Dictionary<string, long> refused = await SendBadMessagesAsync(site.MqttPort);
        await ReportAsync(honest, 2);
        await FloodAsync(site.MqttPort);
        await ReportAsync(honest, 3);
        int strangers = int.Parse(Environment.GetEnvironmentVariable("FLEETMONITOR_STRANGERS") ?? "20000", CultureInfo.InvariantCulture);
        refused["too-many-devices"] = await NameDevicesAsync(site.MqttPort, strangers) + (strangers / 10);
        long atLimit = Sum(await site.MetricsAsync(), AtTheLimit);
        long sentAway = await NameClientsAsync(site.MqttPort, strangers / 10);
        await ReportAsync(honest, 4);

        string metrics = await site.MetricsAsync();
        Assert.Equal(sentAway, Sum(metrics, AtTheLimit) - atLimit);
        const string Quarantined = "fleetmonitor_quarantined_total{";
        Assert.Equal(
            refused.OrderBy(reason => reason.Key, StringComparer.Ordinal).Select(reason => $"{Quarantined}reason=\"{reason.Key}\"}} {reason.Value}"),
            metrics.Split('\n').Where(line => line.StartsWith(Quarantined, StringComparison.Ordinal)));

        Assert.True(Sum(metrics, "fleetmonitor_listener_refused_total{what=\"Protocol\"") >= hangUps, metrics);
        Assert.True(atLimit > 0, metrics);
        long megabytes = (await site.MetricAsync("process_resident_memory_bytes")) / 1_048_576;
        output.WriteLine($"{strangers} names of devices, {strangers / 10} of clients, {refused.Values.Sum()} messages refused: {megabytes} MB resident");
        Assert.InRange(megabytes, 0, MaxMegabytes);

        Books books = await site.BooksAsync();
        Assert.Equal(0.4m, books.Of("site-1/honest").Register);
        await CheckWaysOutAsync(site);
        Assert.Equal(0, (await site.StopServiceAsync()).ExitCode);
        Assert.Equal(0.4m, (await site.BooksAsync()).Of("site-1/honest").Register);
        Counts.Write("hostile", ("refused", refused.Values.Sum()), ("names", strangers + (strangers / 10)), ("hangups", hangUps), ("megabytes", megabytes), ("wrong", 0));
    }

    /// <summary>100 Wh more each time.</summary>
    private static async Task ReportAsync(RawMqtt honest, int step)
    {
        await honest.PublishAsync(Samples.Topic("honest"), Samples.Register(Now.AddSeconds(step * 60), 1_000m + (100m * step)));
        await honest.FlushAsync();
    }

    /// <returns>How many connections were hung up on for what they sent.</returns>
    private static async Task<long> SendBrokenPacketsAsync(int port)
    {
        byte[] connect = RawMqtt.Connect("broken");
        var random = new Random(11);
        byte[] noise = new byte[64];
        List<byte[]> scripts =
        [
            [0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F],
            [.. "GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8],
            [0x16, 0x03, 0x01, 0x02, 0x00, 0x01],
            [0x30, 0x00],
            [.. connect, 0x30, 0xFF, 0xFF, 0xFF, 0x7F],
            [.. connect, .. connect],
            [.. connect, 0x36, 0x05, 0, 1, (byte)'a', 0, 1],
            [.. connect, .. RawMqtt.Publish("fleet/+/a/telemetry"u8, "{}"u8, 1)],
            [.. connect, .. RawMqtt.Publish("fleet/site-1/#/telemetry"u8, "{}"u8, 1)],
            [.. connect, .. RawMqtt.Publish("fleet/a\0b/c/telemetry"u8, "{}"u8, 1)],
            [.. connect, .. RawMqtt.Publish([0xC0, 0x80, 0xFF], "{}"u8, 1)],
            [.. connect, .. RawMqtt.Publish("a"u8, "{}"u8, 0)],
            [.. connect, .. RawMqtt.Publish("a"u8, new byte[300_000], 1)],
        ];
        for (int i = 0; i < 100; i++)
        {
            random.NextBytes(noise);
            noise[0] |= 0xF0;
            scripts.Add([.. connect, .. noise]);
        }

        foreach (byte[] script in scripts)
        {
            await using RawMqtt stranger = await RawMqtt.OpenAsync(port);
            try
            {
                await stranger.SendAsync(script);
            }
            catch (IOException)
            {
                // Hung up on while still sending.
            }

            await stranger.ExpectHangUpAsync();
        }

        return scripts.Count;
    }

    /// <returns>How many messages have to be refused, by reason.</returns>
    private static async Task<Dictionary<string, long>> SendBadMessagesAsync(int port)
    {
        var refused = new Dictionary<string, long>();
        await using RawMqtt stranger = await RawMqtt.ConnectAsync(port, "stranger");
        foreach ((string payload, string reason) in BadPayloads)
        {
            await stranger.PublishAsync(Samples.Topic("honest"), payload);
            refused[reason] = refused.GetValueOrDefault(reason) + 1;
        }

        foreach (string name in BadNames)
        {
            await stranger.PublishAsync(Samples.Topic(name), """{"power_w":1}""");
            refused["bad-identifier"] = refused.GetValueOrDefault("bad-identifier") + 1;
        }

        foreach (string name in Injections)
        {
            await stranger.PublishAsync(Samples.Topic(name), """{"power_w":1,"status":"=1+1,<b>\n\"x\""}""");
        }

        await stranger.FlushAsync();
        return refused;
    }

    /// <summary>More connections than are served, half of them drip-fed and never finished.</summary>
    private static async Task FloodAsync(int port)
    {
        var strangers = new List<RawMqtt>();
        try
        {
            for (int i = 0; i < MaxConnections * 2; i++)
            {
                RawMqtt stranger = await RawMqtt.OpenAsync(port);
                strangers.Add(stranger);
                await stranger.SendAsync(RawMqtt.Connect($"slow-{i}").AsMemory(0, 1 + (i % 5)));
            }

            // All are sent away, either at once or when their time is over.
            foreach (RawMqtt stranger in strangers)
            {
                await stranger.ExpectHangUpAsync();
            }
        }
        catch (IOException)
        {
            // Hung up on while still sending, as it should be.
        }
        finally
        {
            foreach (RawMqtt stranger in strangers)
            {
                await stranger.DisposeAsync();
            }
        }
    }

    /// <returns>How many names are beyond what a site may have unlisted.</returns>
    private static async Task<long> NameDevicesAsync(int port, int count)
    {
        await using RawMqtt stranger = await RawMqtt.ConnectAsync(port, "namer");
        for (int i = 0; i < count; i++)
        {
            await stranger.PublishAsync(Samples.Topic($"stranger-{i}"), """{"power_w":1}""");
        }

        await stranger.FlushAsync();

        // The honest rig and those with odd names have their places already.
        return count - (MaxUnregistered - 1 - Injections.Length);
    }

    /// <summary>
    /// Each sends a message of a device for which there is no place any more. Where connections come and go faster than the machine sees them go,
    /// one may be sent away at the limit before it has said a word, and comes again.
    /// </summary>
    /// <returns>How many were sent away.</returns>
    private static async Task<long> NameClientsAsync(int port, int count)
    {
        long sentAway = 0;
        // Each waits for a commit: one after the other a million of them would take hours.
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = MaxConnections / 2 }, async (i, _) =>
        {
            string name = $"{Guid.NewGuid()}-{i}";
            RawMqtt? connected = null;
            while (connected is null)
            {
                try
                {
                    connected = await RawMqtt.ConnectAsync(port, name);
                }
                catch (IOException)
                {
                    Interlocked.Increment(ref sentAway);
                    await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None);
                }
            }

            await using RawMqtt stranger = connected;
            await stranger.PublishAsync(Samples.Topic("one more"), """{"power_w":1}""");
            await stranger.FlushAsync();
        });
        return sentAway;
    }

    /// <summary>Names come out as data: in JSON and in CSV.</summary>
    private static async Task CheckWaysOutAsync(TestSite site)
    {
        ChildResult csv = await site.RunAsync(["levy", "totals", "--group", "device", "--format", "csv"]);
        Assert.True(csv.ExitCode == 0, csv.Errors);
        foreach (string line in csv.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.DoesNotContain(line.Split(','), cell => cell.TrimStart('"') is ['=' or '@', ..] or "-2");
        }

        using JsonDocument devices = JsonDocument.Parse(await site.GetAsync("/api/v1/devices?limit=1000"));
        string[] names = [.. devices.RootElement.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("device").GetString()!)];
        Assert.All(Injections, name => Assert.Contains(name, names));
    }

    private static long Sum(string metrics, string start) => metrics.Split('\n')
        .Where(line => line.StartsWith(start, StringComparison.Ordinal))
        .Sum(line => long.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
}
