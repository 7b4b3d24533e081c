using System.Globalization;
using FleetMonitor.Ledger.Store;
using FleetMonitor.RealServers.Servers;

namespace FleetMonitor.RealServers.Ingest;

/// <summary>
/// A ledger, the service that writes it, and a mosquitto (or the built-in listener) in front, each a process of its own, in a folder that is
/// gone afterwards.
/// </summary>
internal sealed class TestSite : IAsyncDisposable
{
    public const string Publisher = "mosquitto_pub";

    private readonly MosquittoServer? _broker;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly List<string> _settings = [];
    private readonly HttpClient _http;

    private TestSite(string folder, MosquittoServer? broker, IReadOnlyDictionary<string, string> environment)
    {
        (Folder, _broker, _environment) = (folder, broker, environment);
        MqttPort = broker?.Port ?? LoopbackPort.Free();
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}") };
    }

    public string Folder { get; }

    public MosquittoServer Broker => _broker ?? throw new InvalidOperationException("This site has no broker.");

    /// <summary>Where devices publish: the broker's port, or the listener's.</summary>
    public int MqttPort { get; }

    /// <summary>Of page and API, unless the test sets another.</summary>
    public Uri Url => _http.BaseAddress!;

    public ChildProcess? Service { get; private set; }

    public string Ledger => Path.Combine(Folder, "ledger");

    /// <param name="client">As in <c>Mqtt:Client</c>.</param>
    public static async Task<TestSite> StartAsync(string client = "builtin", IReadOnlyDictionary<string, string>? environment = null)
    {
        TestSite site = await StartAsync(_ => [], environment);
        site.Set("Mqtt:Client", client);
        return site;
    }

    /// <param name="brokerSettings">Further lines of the broker's configuration, from the site's folder.</param>
    public static async Task<TestSite> StartAsync(
        Func<string, string[]> brokerSettings, IReadOnlyDictionary<string, string>? environment = null)
    {
        string folder = Directory.CreateTempSubdirectory("fleetmonitor-").FullName;
        return new TestSite(
            folder, await MosquittoServer.StartAsync(folder, brokerSettings(folder)), environment ?? new Dictionary<string, string>());
    }

    /// <summary>A site whose devices publish straight into the service.</summary>
    public static TestSite WithoutBroker() =>
        new(Directory.CreateTempSubdirectory("fleetmonitor-").FullName, null, new Dictionary<string, string>());

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
        await Service!.WaitForAsync(_broker is null ? "FleetMonitor serves" : "Connected to", Tool.Patience);
    }

    /// <summary>Starts the service and does not wait for anything.</summary>
    public void LaunchService() => Service = Tool.Start(ServiceArguments(Ledger), _environment);

    /// <summary>The command line of the service on a ledger. What was set wins over where it listens and connects to by itself.</summary>
    public IReadOnlyList<string> ServiceArguments(string ledger) =>
    [
        "run", "--set", $"Http:Url={_http.BaseAddress}",
        "--set", _broker is null ? $"Mqtt:Listener:Port={MqttPort}" : $"Mqtt:Subscriber:Brokers:0=mqtt://{_broker.Address}",
        .. Sets(ledger),
    ];

    /// <summary>All numbers at <c>/metrics</c>.</summary>
    public Task<string> MetricsAsync() => GetAsync("/metrics");

    /// <summary>One of the numbers at <c>/metrics</c>.</summary>
    public async Task<long> MetricAsync(string name)
    {
        string text = await MetricsAsync();
        string line = text.Split('\n').Single(line => line.StartsWith(name + " ", StringComparison.Ordinal));
        return long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>What the API answers to a path.</summary>
    public Task<string> GetAsync(string path) => _http.GetStringAsync(new Uri(path, UriKind.Relative));

    /// <summary>What the API answers to a path and a key, also where it refuses.</summary>
    public async Task<string> AnswerAsync(string path, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative)) { Headers = { { "X-Api-Key", key } } };
        using HttpResponseMessage response = await _http.SendAsync(request);
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>Waits until one of the numbers at <c>/metrics</c> has come so far.</summary>
    public async Task WaitForMetricAsync(string name, long least)
    {
        using var timeout = new CancellationTokenSource(Tool.Patience);
        long value;
        while ((value = await MetricAsync(name)) < least)
        {
            if (timeout.IsCancellationRequested)
            {
                throw new TimeoutException($"{name} is {value}, and was to be {least}:\n{Service!.Errors}");
            }

            await Task.Delay(50, CancellationToken.None);
        }
    }

    /// <summary>Reads the ledger, beside the service or without it.</summary>
    public T Read<T>(Func<LedgerReader, T> question)
    {
        using LedgerReader reader = LedgerReader.Open(new LedgerFiles(Ledger));
        return question(reader);
    }

    /// <summary>Publishes with mosquitto_pub, each payload a message of its own, and waits until all are acknowledged.</summary>
    public async Task PublishAsync(string topic, IEnumerable<string> payloads, int qos = 1, string version = "5", params string[] options)
    {
        await using ChildProcess publisher = ChildProcess.Start(
            Programs.Require(Publisher),
            [
                "-h", "127.0.0.1", "-p", MqttPort.ToString(CultureInfo.InvariantCulture), "-V", version,
                "-q", qos.ToString(CultureInfo.InvariantCulture), "-t", topic, "-l", .. options,
            ]);
        foreach (string payload in payloads)
        {
            await publisher.WriteLineAsync(payload);
        }

        publisher.CloseInput();
        ChildResult result = await publisher.EndAsync(Tool.Patience);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"{Publisher}: {result.Errors}");
        }
    }

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
        ["simulate", "--broker", $"127.0.0.1:{MqttPort}", "--truth", TruthPath, .. arguments], _environment);

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

        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }

        _http.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private IEnumerable<string> Sets(string ledger) =>
        _settings.Prepend($"Ledger:Directory={ledger}").Prepend("Log:Format=text").SelectMany(setting => (string[])["--set", setting]);
}
