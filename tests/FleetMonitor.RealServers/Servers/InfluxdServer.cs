using System.Text.Json;

namespace FleetMonitor.RealServers.Servers;

/// <summary>An InfluxDB 1.x of its own, on a free loopback port, that syncs every write. Stopping and starting it keeps port and folder.</summary>
public sealed class InfluxdServer : IAsyncDisposable
{
    public const string Program = "influxd";

    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(30);
    private static readonly HttpClient Http = new();

    private readonly string _folder;
    private ChildProcess? _process;

    private InfluxdServer(string folder)
    {
        _folder = folder;
        Url = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}");
    }

    public Uri Url { get; }

    /// <summary>Process id of the server that runs.</summary>
    public int ProcessId => _process!.Id;

    public static async Task<InfluxdServer> StartAsync(string folder)
    {
        var server = new InfluxdServer(Directory.CreateDirectory(Path.Combine(folder, "influxd")).FullName);
        await File.WriteAllTextAsync(
            server.ConfigFile,
            $"""
            reporting-disabled = true
            bind-address = "127.0.0.1:{LoopbackPort.Free()}"
            [meta]
              dir = "{server._folder}/meta"
            [data]
              dir = "{server._folder}/data"
              wal-dir = "{server._folder}/wal"
              wal-fsync-delay = "0s"
            [monitor]
              store-enabled = false
            [http]
              bind-address = "{server.Url.Authority}"
              log-enabled = false

            """);
        await server.StartAsync();
        return server;
    }

    public async Task StartAsync()
    {
        _process = ChildProcess.Start(Programs.Require(Program), ["run", "-config", ConfigFile]);
        await LoopbackPort.WaitForAsync(Url.Port, StartsWithin);
    }

    public async Task StopAsync()
    {
        await _process!.TerminateAsync();
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        await _process!.KillAsync();
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Runs InfluxQL.</summary>
    /// <returns>The series of the first result, as the server sent them; none where there are none.</returns>
    public async Task<IReadOnlyList<JsonElement>> QueryAsync(string query, string database = "fleetmonitor")
    {
        using var form = new FormUrlEncodedContent([new("q", query), new("db", database), new("epoch", "s")]);
        using HttpResponseMessage response = await Http.PostAsync(new Uri(Url, "query"), form);
        string body = await response.Content.ReadAsStringAsync();
        using JsonDocument json = JsonDocument.Parse(body);
        JsonElement result = json.RootElement.TryGetProperty("results", out JsonElement results) ? results[0].Clone() : json.RootElement.Clone();
        return result.TryGetProperty("error", out JsonElement error) ? throw new InvalidOperationException($"{query}: {error}")
            : result.TryGetProperty("series", out JsonElement series) ? [.. series.EnumerateArray()] : [];
    }

    /// <summary>Writes lines itself, beside the service.</summary>
    public async Task WriteAsync(string lines, string database = "fleetmonitor")
    {
        using HttpResponseMessage response = await Http.PostAsync(new Uri(Url, $"write?db={database}&precision=s"), new StringContent(lines));
        response.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    private string ConfigFile => Path.Combine(_folder, "influxdb.conf");
}
