using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using FleetMonitor.RealServers.Influx;
using FleetMonitor.RealServers.Ingest;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Alerts;

/// <summary>The running service and a real Alertmanager, which may be away.</summary>
public sealed class AlertmanagerTests : IAsyncLifetime
{
    private const string Fleet = """{"sites":[{"id":"site-1","devices":[{"id":"another","role":"rig"}]}]}""";

    private static readonly HttpClient Http = new();

    private readonly ServiceWithStore _service = new();
    private readonly int _listener = LoopbackPort.Free();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _service.DisposeAsync();

    [RealServerFact(AlertmanagerServer.Program)]
    public async Task UnlistedRig_FiresAtAlertmanager_UntilItIsCleared()
    {
        await using AlertmanagerServer alertmanager = await PrepareAsync();
        await alertmanager.StartAsync();
        await _service.StartAsync();
        await SendAsync();

        Assert.True(await ServiceWithStore.OnceAsync(async () => (await alertmanager.FiringAsync("unregistered")).Length == 1));
        JsonElement alert = (await alertmanager.FiringAsync("unregistered")).Single();
        JsonElement labels = alert.GetProperty("labels");
        Assert.Equal(
            "site-1 rig-1 warning fleetmonitor",
            $"{labels.GetProperty("site")} {labels.GetProperty("device")} {labels.GetProperty("severity")} {labels.GetProperty("service")}");
        string id = alert.GetProperty("annotations").GetProperty("id").GetString()!;
        Assert.StartsWith("unregistered-", id, StringComparison.Ordinal);

        // Longer than it would hold an alert that nobody speaks of.
        await Task.Delay(TimeSpan.FromSeconds(6));
        Assert.Single(await alertmanager.FiringAsync("unregistered"));
        await ActAsync(id, "clear", new { by = "Aigerim" });
        Assert.True(await ServiceWithStore.OnceAsync(async () => (await alertmanager.FiringAsync("unregistered")).Length == 0));
    }

    [RealServerFact(AlertmanagerServer.Program)]
    public async Task Alertmanager_ThatWasAway_HearsOfWhatStands_AndMutedFallsSilent()
    {
        await using AlertmanagerServer alertmanager = await PrepareAsync();
        await _service.StartAsync();
        await SendAsync();
        await _service.SaysAsync("Alerts for alertmanager wait");
        await _service.KillAsync();
        await _service.StartAsync();

        await alertmanager.StartAsync();

        Assert.True(await ServiceWithStore.OnceAsync(async () => (await alertmanager.FiringAsync("unregistered")).Length == 1));
        string id = (await alertmanager.FiringAsync("unregistered")).Single().GetProperty("annotations").GetProperty("id").GetString()!;
        await ActAsync(id, "mute", new { by = "Aigerim", until = DateTimeOffset.UtcNow.AddHours(1) });
        Assert.True(await ServiceWithStore.OnceAsync(async () => (await alertmanager.FiringAsync("unregistered")).Length == 0));
    }

    private async Task<AlertmanagerServer> PrepareAsync()
    {
        var alertmanager = new AlertmanagerServer(_service.Folder);
        await File.WriteAllTextAsync(_service.File("fleet.json"), Fleet);
        _service.Set("Fleet:File", _service.File("fleet.json"));
        _service.Set("Mqtt:Listener:Port", _listener.ToString(CultureInfo.InvariantCulture));
        _service.Set("Alerts:Alertmanager:Url", alertmanager.Url.ToString());
        _service.Set("Alerts:Alertmanager:ResendEvery", "1s");
        return alertmanager;
    }

    private async Task SendAsync() => await Tool.RunAsync(
        ["simulate", "--broker", $"127.0.0.1:{_listener}", "--rigs", "1", "--interval", "1", "--duration", "3s"]);

    private async Task ActAsync(string id, string act, object body)
    {
        using HttpResponseMessage response = await Http.PostAsJsonAsync(
            new Uri($"http://127.0.0.1:{_service.HttpPort}/api/v1/anomalies/{id}/{act}"), body);
        response.EnsureSuccessStatusCode();
    }
}
