using FleetMonitor.RealServers.Servers;

namespace FleetMonitor.Benchmarks.Measuring;

/// <summary>The service as a process of its own, with defaults but for what is set, on a ledger below a folder.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    public static readonly string Binary = Path.Combine(AppContext.BaseDirectory, "fleetmonitor");
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly HttpClient Http = new();

    private readonly ChildProcess _process;
    private readonly Uri _api;

    private ServiceProcess(ChildProcess process, Uri api, int port)
    {
        (_process, _api, ListenerPort) = (process, api, port);
    }

    public int Id => _process.Id;

    /// <summary>Of the listener, where no broker is set.</summary>
    public int ListenerPort { get; }

    /// <param name="broker">Its broker, or null for the listener.</param>
    /// <param name="under">A program and its arguments that the service is run by; it must become the service.</param>
    public static async Task<ServiceProcess> StartAsync(
        string ledger, MosquittoServer? broker, IEnumerable<string>? settings = null, IReadOnlyList<string>? under = null)
    {
        var api = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}");
        int port = broker is null ? LoopbackPort.Free() : 0;
        string[] command =
        [
            .. under ?? [], Binary, "run",
            .. Set([
                $"Ledger:Directory={ledger}", $"Http:Url={api}", "Log:Format=text",
                broker is null ? $"Mqtt:Listener:Port={port}" : $"Mqtt:Subscriber:Brokers:0=mqtt://{broker.Address}",
                .. settings ?? [],
            ]),
        ];
        ChildProcess process = ChildProcess.Start(command[0], command[1..]);
        try
        {
            await process.WaitForAsync(broker is null ? "FleetMonitor serves" : "Connected to", Patience);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }

        return new ServiceProcess(process, api, port);
    }

    /// <summary>Makes the database of an influxd that was just started.</summary>
    public static async Task SetUpAsync(InfluxdServer influxd)
    {
        ChildResult done = await ChildProcess.RunAsync(Binary, ["influx", "setup", .. Set(PointsTo(influxd))], Patience);
        if (done.ExitCode != 0)
        {
            throw new InvalidOperationException(done.Errors);
        }
    }

    /// <summary>Settings with which points go to an influxd.</summary>
    public static IReadOnlyList<string> PointsTo(InfluxdServer influxd) => [$"Influx:Url={influxd.Url}", "Influx:Api=v1"];

    public Task<ServiceMetrics> MetricsAsync() => ServiceMetrics.ReadAsync(Http, _api);

    public ProcessUsage Usage() => ProcessUsage.Living(Id);

    public Task StopAsync() => _process.TerminateAsync(Patience);

    /// <summary>kill -9.</summary>
    public Task KillAsync() => _process.KillAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static IEnumerable<string> Set(IEnumerable<string> settings) => settings.SelectMany(setting => (string[])["--set", setting]);
}
