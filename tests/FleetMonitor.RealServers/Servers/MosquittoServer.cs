namespace FleetMonitor.RealServers.Servers;

/// <summary>
/// A mosquitto of its own, on a free loopback port, with persistence and queues large enough. Stopping and starting it keeps port and
/// folder, and so what it had saved.
/// </summary>
public sealed class MosquittoServer : IAsyncDisposable
{
    public const string Program = "mosquitto";

    private static readonly TimeSpan StartsWithin = TimeSpan.FromSeconds(10);

    private readonly string _folder;
    private ChildProcess? _process;

    private MosquittoServer(string folder)
    {
        _folder = folder;
        Port = LoopbackPort.Free();
    }

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    /// <summary>Process id of the broker that runs.</summary>
    public int ProcessId => _process!.Id;

    /// <param name="settings">Further lines of its configuration.</param>
    public static async Task<MosquittoServer> StartAsync(string folder, params string[] settings)
    {
        var server = new MosquittoServer(Directory.CreateDirectory(Path.Combine(folder, "mosquitto")).FullName);
        await File.WriteAllTextAsync(
            server.ConfigFile,
            $"""
            listener {server.Port} 127.0.0.1
            allow_anonymous true
            user {Environment.UserName}
            persistence true
            persistence_location {server._folder}/
            max_queued_messages 0
            max_queued_bytes 0
            max_inflight_messages 0
            {string.Join('\n', settings)}

            """);
        await server.StartAsync();
        return server;
    }

    public async Task StartAsync()
    {
        _process = ChildProcess.Start(Programs.Require(Program), ["-c", ConfigFile]);
        await LoopbackPort.WaitForAsync(Port, StartsWithin);
    }

    /// <summary>A clean stop: it saves sessions and queues.</summary>
    public async Task StopAsync()
    {
        await _process!.TerminateAsync();
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>kill -9: what it had not saved is gone.</summary>
    public async Task KillAsync()
    {
        await _process!.KillAsync();
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Forgets, while stopped, what was saved.</summary>
    public void Forget() => File.Delete(Path.Combine(_folder, "mosquitto.db"));

    /// <summary>Saves sessions and queues now, as it does every half hour by itself.</summary>
    public async Task SaveAsync()
    {
        string saved = Path.Combine(_folder, "mosquitto.db");
        DateTime before = File.Exists(saved) ? File.GetLastWriteTimeUtc(saved) : default;
        _process!.Signal(ChildProcess.SigUsr1);
        for (int i = 0; i < 250 && (!File.Exists(saved) || File.GetLastWriteTimeUtc(saved) == before); i++)
        {
            await Task.Delay(20);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    private string ConfigFile => Path.Combine(_folder, "mosquitto.conf");
}
