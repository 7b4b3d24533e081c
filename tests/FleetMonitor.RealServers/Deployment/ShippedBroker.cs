using System.Globalization;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Deployment;

/// <summary>A real mosquitto that runs the configuration we ship: only paths and port are those of the test.</summary>
internal sealed class ShippedBroker : IAsyncDisposable
{
    public const string Publisher = "mosquitto_pub";
    public const string Subscriber = "mosquitto_sub";
    public const string Passwords = "mosquitto_passwd";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("fleetmonitor-").FullName;
    private readonly int _port = LoopbackPort.Free();
    private ChildProcess? _process;

    public static async Task<ShippedBroker> StartAsync()
    {
        var broker = new ShippedBroker();
        string passwords = Path.Combine(broker._folder, "passwords");
        await File.WriteAllTextAsync(passwords, "");
        foreach (string user in (string[])["fleetmonitor", "site-1", "viewer"])
        {
            ChildResult result = await ChildProcess.RunAsync(Programs.Require(Passwords), ["-b", passwords, user, $"{user}-secret"], Patience);
            Assert.True(result.ExitCode == 0, result.Errors);
        }

        string configuration = await File.ReadAllTextAsync(Repository.File("docker/mosquitto/mosquitto.conf"));
        await File.WriteAllTextAsync(
            broker.Configuration,
            configuration
                .Replace("listener 1883", $"listener {broker._port} 127.0.0.1", StringComparison.Ordinal)
                .Replace("/mosquitto/secrets", broker._folder, StringComparison.Ordinal)
                .Replace("/mosquitto/config/acl", Repository.File("docker/mosquitto/acl"), StringComparison.Ordinal)
                .Replace("/mosquitto/data", broker._folder, StringComparison.Ordinal) + $"user {Environment.UserName}\n");
        await broker.StartProcessAsync();
        return broker;
    }

    /// <summary>What it said about itself.</summary>
    public string Log => _process!.Output + _process.Errors;

    public async Task RestartAsync()
    {
        await _process!.TerminateAsync();
        await _process.DisposeAsync();
        await StartProcessAsync();
    }

    public async Task<ChildResult> PublishAsync(string user, string topic, IEnumerable<string> payloads)
    {
        await using ChildProcess publisher = ChildProcess.Start(
            Programs.Require(Publisher), [.. As(user), "-q", "1", "-t", topic, "-l"]);
        foreach (string payload in payloads)
        {
            await publisher.WriteLineAsync(payload);
        }

        publisher.CloseInput();
        return await publisher.EndAsync(Patience);
    }

    /// <summary>A subscriber with a session of its own, which prints topic and payload; without stdbuf they would wait in a buffer.</summary>
    public ChildProcess Subscribe(string user, string topic, params string[] further) => ChildProcess.Start(
        Programs.Require("stdbuf"), ["-oL", Programs.Require(Subscriber), .. As(user), "-i", $"{user}-session", "-c", "-q", "1", "-t", topic, "-v", .. further]);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private string Configuration => Path.Combine(_folder, "mosquitto.conf");

    private string[] As(string user) =>
    [
        "-h", "127.0.0.1", "-p", _port.ToString(CultureInfo.InvariantCulture),
        .. user.Length == 0 ? (string[])[] : ["-u", user, "-P", $"{user}-secret"],
    ];

    private async Task StartProcessAsync()
    {
        _process = ChildProcess.Start(Programs.Require(MosquittoServer.Program), ["-c", Configuration]);
        await LoopbackPort.WaitForAsync(_port, Patience);
    }
}
