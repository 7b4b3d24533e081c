using FleetMonitor.RealServers.Servers;

namespace FleetMonitor.RealServers.Ingest;

/// <summary>A mosquitto, a ledger, and the service between them, each a process of its own, in a folder that is gone afterwards.</summary>
internal sealed class TestSite : IAsyncDisposable
{
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly List<string> _settings = [];

    private TestSite(string folder, MosquittoServer broker, IReadOnlyDictionary<string, string> environment) =>
        (Folder, Broker, _environment) = (folder, broker, environment);

    public string Folder { get; }

    public MosquittoServer Broker { get; }

    public ChildProcess? Service { get; private set; }

    public string Ledger => Path.Combine(Folder, "ledger");

    public static async Task<TestSite> StartAsync(IReadOnlyDictionary<string, string>? environment = null)
    {
        string folder = Directory.CreateTempSubdirectory("fleetmonitor-").FullName;
        return new TestSite(folder, await MosquittoServer.StartAsync(folder), environment ?? new Dictionary<string, string>());
    }

    public string File(string name) => Path.Combine(Folder, name);

    /// <summary>A setting of every command that follows.</summary>
    public void Set(string key, string value)
    {
        _settings.RemoveAll(setting => setting.StartsWith(key + "=", StringComparison.Ordinal));
        _settings.Add($"{key}={value}");
    }

    /// <summary>Starts the service and waits until it has subscribed.</summary>
    public async Task StartServiceAsync()
    {
        LaunchService();
        await Service!.WaitForAsync("Connected to", Tool.Patience);
    }

    /// <summary>Starts the service and does not wait for anything.</summary>
    public void LaunchService() => Service = Tool.Start(ServiceArguments(Ledger), _environment);

    /// <summary>The command line of the service on a ledger.</summary>
    public IReadOnlyList<string> ServiceArguments(string ledger) =>
    [
        "run", .. Sets(ledger), "--set", $"Http:Url=http://127.0.0.1:{LoopbackPort.Free()}", "--set", $"Mqtt:Subscriber:Brokers:0=mqtt://{Broker.Address}",
    ];

    /// <summary>SIGTERM, as systemd stops it.</summary>
    public async Task<ChildResult> StopServiceAsync()
    {
        ChildResult result = await Service!.TerminateAsync();
        await Service.DisposeAsync();
        Service = null;
        return result;
    }

    public async Task KillServiceAsync()
    {
        await Service!.KillAsync();
        await Service.DisposeAsync();
        Service = null;
    }

    /// <summary>Starts the simulator against the broker; its truth goes to <see cref="TruthPath"/>.</summary>
    public ChildProcess StartSimulator(params string[] arguments) => Tool.Start(
        ["simulate", "--broker", Broker.Address, "--truth", TruthPath, .. arguments], _environment);

    public string TruthPath => File("truth.csv");

    /// <summary>Runs a command that takes this site's settings.</summary>
    public Task<ChildResult> RunAsync(IEnumerable<string> command, string? ledger = null) =>
        Tool.RunAsync([.. command, .. Sets(ledger ?? Ledger)], _environment);

    /// <summary>The books as <c>levy totals</c> reads them, beside the service or without it.</summary>
    public async Task<Books> BooksAsync(string? ledger = null)
    {
        ChildResult result = await RunAsync(["levy", "totals", "--group", "device,day"], ledger);
        return result.ExitCode == 0 ? Books.Parse(result.Output) : throw new InvalidOperationException($"levy totals: {result.Errors}");
    }

    /// <summary>Reads the books until they are as they should be, at most for a while; the newest ones in any case.</summary>
    public async Task<Books> BooksOnceAsync(Func<Books, bool> settled, TimeSpan? atMost = null)
    {
        using var timeout = new CancellationTokenSource(atMost ?? Tool.Patience);
        while (true)
        {
            Books books = await BooksAsync();
            if (settled(books) || timeout.IsCancellationRequested)
            {
                return books;
            }

            await Task.Delay(250, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Service is not null)
        {
            await Service.DisposeAsync();
        }

        await Broker.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private IEnumerable<string> Sets(string ledger) =>
        _settings.Prepend($"Ledger:Directory={ledger}").Prepend("Log:Format=text").SelectMany(setting => (string[])["--set", setting]);
}
