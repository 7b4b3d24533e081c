using System.Globalization;
using System.Text.Json;
using FleetMonitor.RealServers.Influx;
using FleetMonitor.RealServers.Ingest;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Alerts;

/// <summary>Alerts on their way to a real mosquitto that is away, while the service is killed and started again.</summary>
public sealed class MqttAlertsTests : IAsyncLifetime
{
    private const string Fleet = """{"sites":[{"id":"site-1","devices":[{"id":"another","role":"rig"}]}]}""";
    private const string Watcher = "mosquitto_sub";

    private readonly ServiceWithStore _service = new();
    private readonly int _listener = LoopbackPort.Free();
    private MosquittoServer _broker = null!;

    public async Task InitializeAsync() => _broker = await MosquittoServer.StartAsync(_service.Folder);

    public async Task DisposeAsync()
    {
        await _service.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [RealServerFact(MosquittoServer.Program, Watcher)]
    public async Task Alert_RaisedWhileTheBrokerIsAway_ReachesItsWatchers_AfterARestartOfTheService()
    {
        // A watcher with a session of its own, so that the broker keeps what comes while nobody looks.
        await WatchAsync("-E");
        await File.WriteAllTextAsync(_service.File("fleet.json"), Fleet);
        _service.Set("Fleet:File", _service.File("fleet.json"));
        _service.Set("Mqtt:Listener:Enabled", "true");
        _service.Set("Mqtt:Listener:Port", _listener.ToString(CultureInfo.InvariantCulture));
        _service.Set("Mqtt:Subscriber:Brokers:0", $"mqtt://{_broker.Address}");
        await _service.StartAsync();
        await _service.SaysAsync("Connected to");
        await _broker.StopAsync();
        await SendAsync();
        await _service.SaysAsync($"Alerts for mqtt/mqtt://{_broker.Address} wait");

        await _service.KillAsync();
        await _service.StartAsync();
        await _broker.StartAsync();

        ChildResult seen = await WatchAsync("-C", "1", "-W", "40");
        JsonElement alert = JsonSerializer.Deserialize<JsonElement>(seen.Output);
        Assert.Equal("unregistered rig-1", $"{alert.GetProperty("kind")} {alert.GetProperty("device")}");
        Assert.Equal("", (await WatchAsync("-C", "1", "-W", "8")).Output);
    }

    private Task<ChildResult> WatchAsync(params string[] options) => ChildProcess.RunAsync(
        Programs.Require(Watcher),
        ["-h", "127.0.0.1", "-p", _broker.Port.ToString(CultureInfo.InvariantCulture), "-c", "-i", "watcher", "-q", "1", "-t", "fleet/+/+/anomaly", .. options],
        Tool.Patience);

    private async Task SendAsync() => await Tool.RunAsync(
        ["simulate", "--broker", $"127.0.0.1:{_listener}", "--rigs", "1", "--interval", "1", "--duration", "3s"]);
}
