namespace FleetMonitor.RealServers.Servers;

/// <summary>
/// A VictoriaMetrics of its own, on a free loopback port. It answers 204 before it has synced, so that only a clean stop keeps everything.
/// </summary>
public sealed class VictoriaMetricsServer : IAsyncDisposable
{
    public const string Program = "victoria-metrics";

    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(30);
    private static readonly HttpClient Http = new();

    private readonly string _folder;
    private ChildProcess? _process;

    private VictoriaMetricsServer(string folder)
    {
        _folder = folder;
        Url = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}");
    }

    public Uri Url { get; }

    public static async Task<VictoriaMetricsServer> StartAsync(string folder)
    {
        var server = new VictoriaMetricsServer(Directory.CreateDirectory(Path.Combine(folder, "victoria-metrics")).FullName);
        await server.StartAsync();
        return server;
    }

    public async Task StartAsync()
    {
        _process = ChildProcess.Start(
            Programs.Require(Program), [$"-storageDataPath={_folder}", $"-httpListenAddr={Url.Authority}", "-retentionPeriod=100y", "-memory.allowedPercent=10"]);
        await LoopbackPort.WaitForAsync(Url.Port, StartsWithin);
    }

    public async Task StopAsync()
    {
        await _process!.TerminateAsync();
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>All samples, a JSON object a line.</summary>
    public async Task<string> ExportAsync(string selector)
    {
        // What came in the last second is not searched otherwise.
        (await Http.GetAsync(new Uri(Url, "internal/force_flush"))).Dispose();
        return await Http.GetStringAsync(new Uri(Url, $"api/v1/export?match[]={Uri.EscapeDataString(selector)}"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }
}
