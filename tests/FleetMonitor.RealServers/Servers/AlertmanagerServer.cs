using System.Text.Json;

namespace FleetMonitor.RealServers.Servers;

/// <summary>A Prometheus Alertmanager of its own, on a free loopback port, that tells nobody further.</summary>
public sealed class AlertmanagerServer : IAsyncDisposable
{
    public const string Program = "prometheus-alertmanager";

    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(30);
    private static readonly HttpClient Http = new();

    private readonly string _folder;
    private ChildProcess? _process;

    public AlertmanagerServer(string folder)
    {
        _folder = Directory.CreateDirectory(Path.Combine(folder, "alertmanager")).FullName;
        Url = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}");
    }

    public Uri Url { get; }

    public async Task StartAsync()
    {
        string config = Path.Combine(_folder, "alertmanager.yml");
        await File.WriteAllTextAsync(config, "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n");
        _process = ChildProcess.Start(
            Programs.Require(Program),
            [$"--config.file={config}", $"--storage.path={_folder}", $"--web.listen-address={Url.Authority}", "--cluster.listen-address="]);
        await LoopbackPort.WaitForAsync(Url.Port, StartsWithin);
    }

    /// <summary>The alerts of a name that it holds firing.</summary>
    public async Task<JsonElement[]> FiringAsync(string name)
    {
        string alerts = await Http.GetStringAsync(new Uri(Url, $"api/v2/alerts?active=true&filter={Uri.EscapeDataString($"alertname=\"{name}\"")}"));
        return [.. JsonSerializer.Deserialize<JsonElement>(alerts).EnumerateArray()];
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }
}
