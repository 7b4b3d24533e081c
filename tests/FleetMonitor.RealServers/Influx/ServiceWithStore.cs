using System.Globalization;
using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.RealServers.Ingest;
using FleetMonitor.RealServers.Servers;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Influx;
using Microsoft.Extensions.Configuration;

namespace FleetMonitor.RealServers.Influx;

/// <summary>The service as a process, a ledger in a folder, and settings that name a store.</summary>
internal sealed class ServiceWithStore : IAsyncDisposable
{
    private static readonly HttpClient Http = new();

    private readonly Dictionary<string, string> _settings = [];
    private readonly Uri _url = new($"http://127.0.0.1:{LoopbackPort.Free()}");
    private ChildProcess? _service;

    public ServiceWithStore()
    {
        Set("Ledger:Directory", File("ledger"));
        Set("Log:Format", "text");
        Set("Http:Url", _url.ToString());
        Set("Mqtt:Listener:Port", LoopbackPort.Free().ToString(CultureInfo.InvariantCulture));
        Set("Influx:Timeout", "00:00:02");
    }

    public int HttpPort => _url.Port;

    public string Folder { get; } = Directory.CreateTempSubdirectory("fleetmonitor-").FullName;

    public string File(string name) => Path.Combine(Folder, name);

    public void Set(string key, string value) => _settings[key] = value;

    public void UseStore(Uri url, string api)
    {
        Set("Influx:Url", url.ToString());
        Set("Influx:Api", api);
    }

    public async Task StartAsync()
    {
        _service = Tool.Start(["run", .. Sets]);
        await LoopbackPort.WaitForAsync(_url.Port, Tool.Patience);
    }

    public async Task<string> StopAsync()
    {
        ChildResult result = await _service!.TerminateAsync(Tool.Patience);
        await _service.DisposeAsync();
        _service = null;
        return result.Errors;
    }

    public async Task KillAsync()
    {
        await _service!.KillAsync();
        await _service.DisposeAsync();
        _service = null;
    }

    public Task SaysAsync(string text) => _service!.WaitForAsync(text, Tool.Patience);

    public async Task<ChildResult> RunAsync(params string[] command)
    {
        ChildResult result = await Tool.RunAsync([.. command, .. Sets]);
        return result.ExitCode == 0 ? result : throw new InvalidOperationException($"{string.Join(' ', command)}: {result.ExitCode}\n{result.Errors}");
    }

    /// <summary>A number of <c>/metrics</c>.</summary>
    public async Task<double> MetricAsync(string name)
    {
        string metrics = await Http.GetStringAsync(new Uri(_url, "metrics"));
        string line = metrics.Split('\n').Single(line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return double.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until something holds.</summary>
    /// <returns>Whether it came to hold in time.</returns>
    public static async Task<bool> OnceAsync(Func<Task<bool>> holds, TimeSpan? atMost = null)
    {
        using var timeout = new CancellationTokenSource(atMost ?? Tool.Patience);
        while (!timeout.IsCancellationRequested)
        {
            if (await holds())
            {
                return true;
            }

            await Task.Delay(250, CancellationToken.None);
        }

        return false;
    }

    /// <summary>Points of all that is kept, made as <c>influx refill</c> makes them. The service may run.</summary>
    public Dictionary<StoredField, double> KeptPoints()
    {
        Settings settings = SettingsFile.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(_settings.Select(setting => new KeyValuePair<string, string?>(setting.Key, setting.Value)))
            .Build()).Settings;
        SiteFiles files = SiteFiles.Load(settings).Files!;
        using LedgerReader ledger = LedgerReader.Open(new LedgerFiles(settings.Ledger.Directory));
        var refill = new Refill(settings, files, ledger, Instant.From(DateTimeOffset.UtcNow));
        return StoredPoints.Parse(string.Concat(refill.Lines(new DateOnly(2020, 1, 1), null, null).Select(Encoding.UTF8.GetString)));
    }

    public IReadOnlyList<PointReject> Rejects()
    {
        using LedgerReader ledger = LedgerReader.Open(new LedgerFiles(_settings["Ledger:Directory"]));
        return [.. ledger.PointRejects(1_000_000)];
    }

    public async ValueTask DisposeAsync()
    {
        if (_service is not null)
        {
            await _service.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }

    private IEnumerable<string> Sets => _settings.SelectMany(setting => (string[])["--set", $"{setting.Key}={setting.Value}"]);
}
