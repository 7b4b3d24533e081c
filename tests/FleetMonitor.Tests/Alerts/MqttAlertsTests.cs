using System.Collections.Concurrent;
using System.Text.Json;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Alerts;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Identity;
using FleetMonitor.Service.Sources;
using FleetMonitor.Telemetry.Sources;
using FleetMonitor.Tests.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace FleetMonitor.Tests.Alerts;

/// <summary>A broker that is away when alerts are raised, and a service that is restarted before it is back.</summary>
public sealed class MqttAlertsTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fleetmonitor-mqtt-alerts-");
    private readonly ServiceTime _time = new(new DateTimeOffset(2026, 11, 21, 10, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Alerts_RaisedWhileTheBrokerWasAway_ArriveInOrder_AfterARestart()
    {
        var away = new Broker { Connected = false };
        await RunAsync(away, async engine =>
        {
            await AppearAsync(engine, "stranger-1");
            await AppearAsync(engine, "stranger-2");
            await AlertApiTests.Eventually(() => away.Asked > 0);
        });

        var back = new Broker();
        await RunAsync(back, _ => AlertApiTests.Eventually(() => back.Taken.Count == 2));
        Assert.Equal(["stranger-1", "stranger-2"], back.Taken);

        var again = new Broker();
        await RunAsync(again, async engine =>
        {
            await AppearAsync(engine, "stranger-3");
            await AlertApiTests.Eventually(() => !again.Taken.IsEmpty);
        });
        Assert.Equal(["stranger-3"], again.Taken);
    }

    [Fact]
    public async Task Alerts_ThatTheBrokerDidNotAcknowledge_AreSentAgain_TheOthersAreNot()
    {
        var torn = new Broker { TakesOnly = 1 };
        await RunAsync(torn, async engine =>
        {
            await AppearAsync(engine, "stranger-1", "stranger-2");
            await AlertApiTests.Eventually(() => torn.Asked >= 2);
        });
        Assert.Equal(["stranger-1"], torn.Taken);

        var back = new Broker();
        await RunAsync(back, _ => AlertApiTests.Eventually(() => !back.Taken.IsEmpty));
        Assert.Equal(["stranger-2"], back.Taken);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private async Task RunAsync(Broker broker, Func<Engine, Task> act)
    {
        string fleet = Path.Combine(_directory.FullName, "fleet.json");
        await File.WriteAllTextAsync(fleet, """{"sites":[{"id":"site-1","devices":[{"id":"rig-1","role":"rig"}]}]}""");
        Settings settings = SettingsFile.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Ledger:Directory"] = Path.Combine(_directory.FullName, "ledger"),
            ["Fleet:File"] = fleet,
        }).Build()).Settings;
        SiteFiles files = SiteFiles.Load(settings).Files!;
        await using Engine engine = Engine.Open(settings, files, clockFromMessages: false, _time, NullLogger.Instance);
        await engine.StartAsync();
        var context = new ServiceContext(settings, files, engine, [broker], AccessControl.Load(settings).Access!, _time, _time.Now);
        using var sender = new AlertSender(new MqttAlerts(broker.Status.Name, context.Sources), context, NullLogger<AlertSender>.Instance);
        await sender.StartAsync(CancellationToken.None);
        await AlertApiTests.Eventually(() => HasBegun(engine));
        await act(engine);
        await engine.Loop.StopAsync();
        await sender.StopAsync(CancellationToken.None);
    }

    /// <summary>One that is new is not told what was before it.</summary>
    private static bool HasBegun(Engine engine)
    {
        using LedgerReader ledger = LedgerReader.Open(engine.Ledger.Files);
        return ledger.State("alerts/mqtt/mqtt://broker:1883") is not null;
    }

    private async Task AppearAsync(Engine engine, params string[] devices)
    {
        _time.Now += TimeSpan.FromSeconds(10);
        var now = Instant.From(_time.Now);
        var batch = new RawBatch("test", null, 1_000);
        foreach (string device in devices)
        {
            batch.Add(
                System.Text.Encoding.UTF8.GetBytes($"fleet/site-1/{device}/telemetry"), """{"power_w":3000}"""u8, now);
        }

        await engine.Loop.ReceiveAsync(batch, CancellationToken.None);
        await engine.Loop.AskAsync(decider =>
        {
            decider.Tick(now);
            return true;
        });
    }

    private sealed class Broker : IMessageSource
    {
        private int _asked;

        public bool Connected { get; init; } = true;

        public int TakesOnly { get; init; } = int.MaxValue;

        public int Asked => Volatile.Read(ref _asked);

        public ConcurrentQueue<string> Taken { get; } = [];

        public SourceStatus Status => new("mqtt://broker:1883", Connected, Connected ? "connected" : "no answer");

        public Task<bool> PublishAlertAsync(string topic, byte[] payload)
        {
            Interlocked.Increment(ref _asked);
            bool takes = Connected && Taken.Count < TakesOnly;
            if (takes)
            {
                Taken.Enqueue(JsonSerializer.Deserialize<JsonElement>(payload).GetProperty("device").GetString()!);
            }

            return Task.FromResult(takes);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
