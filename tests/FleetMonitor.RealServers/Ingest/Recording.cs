using System.Globalization;
using System.Text.Json;
using FleetMonitor.RealServers.Servers;

namespace FleetMonitor.RealServers.Ingest;

/// <summary>
/// A mosquitto_sub with a session of its own that writes down every delivery: what the service should have got, without any of its code.
/// </summary>
internal sealed class Recording : IAsyncDisposable
{
    public const string Program = "mosquitto_sub";

    private readonly ChildProcess _subscriber;

    private Recording(ChildProcess subscriber) => _subscriber = subscriber;

    public static async Task<Recording> StartAsync(TestSite site)
    {
        // Debug output says when it has subscribed; without stdbuf it would wait in a buffer.
        var recording = new Recording(ChildProcess.Start(
            Programs.Require("stdbuf"),
            [
                "-oL", Programs.Require(Program), "-h", "127.0.0.1", "-p", site.Broker.Port.ToString(CultureInfo.InvariantCulture), "-i", "recording", "-c", "-q", "1",
                "-t", "fleet/+/+/telemetry", "-F", ">%t %p", "-d",
            ]));
        await recording._subscriber.WaitForAsync("Subscribed", Tool.Patience);
        return recording;
    }

    /// <summary>Deliveries so far, each as it was published.</summary>
    public IReadOnlyList<(string Topic, string Payload)> Deliveries =>
    [
        .. _subscriber.Output
            .Split('\n')
            .Where(line => line.StartsWith('>'))
            .Select(line => (line[1..line.IndexOf(' ')], line[(line.IndexOf(' ') + 1)..])),
    ];

    /// <summary>Waits until nothing more comes.</summary>
    public async Task SettleAsync()
    {
        for (int known = -1, now = Deliveries.Count; known != now; now = Deliveries.Count)
        {
            known = now;
            await Task.Delay(1_500);
        }
    }

    /// <summary>Writes what was delivered as a capture.</summary>
    public void SaveCapture(string path)
    {
        string at = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        File.WriteAllLines(path, Deliveries.Select(delivery => JsonSerializer.Serialize(new
        {
            at,
            topic = delivery.Topic,
            payload = delivery.Payload,
        })));
    }

    public ValueTask DisposeAsync() => _subscriber.DisposeAsync();
}
