using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Alerts;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Telemetry.Sources;
using FleetMonitor.Tests.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace FleetMonitor.Tests.Alerts;

/// <summary>A process that dies without a word, and the next one.</summary>
public sealed class AlertRestartTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fleetmonitor-alerts-");
    private readonly ServiceTime _time = new(new DateTimeOffset(2026, 11, 21, 10, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Alerts_StandingWhenTheProcessDied_AreNotRaisedAgain_AndEndOnce()
    {
        await using (Engine engine = await StartAsync())
        {
            await SendAsync(engine, "rig-1", "rig-2");
            await PassAsync(engine, minutes: 7);
            Assert.Equal(["raised", "raised"], Events());
            await engine.Loop.AskAsync(decider => decider.Alerts.Act((book, changes) => book.Acknowledge(
                book.Standing.Single(alert => alert.Anomaly.Device == "rig-1").Anomaly.Id,
                new AlertAct("Aigerim", Now, null),
                changes)));
        }

        await using (Engine engine = await StartAsync())
        {
            await PassAsync(engine, minutes: 20);
            Assert.Equal(["raised", "raised", "acknowledged"], Events());
            await SendAsync(engine, "rig-1");
            await PassAsync(engine, minutes: 2);
        }

        await using (Engine engine = await StartAsync())
        {
            await PassAsync(engine, minutes: 1);
        }

        Assert.Equal(["raised", "raised", "acknowledged", "cleared"], Events());
        using LedgerReader ledger = Open();
        Assert.Equal("rig-2", Assert.Single(ledger.StandingAnomalies()).Device);
    }

    [Fact]
    public async Task Alert_ThatAPersonCleared_StaysCleared_ThoughItsDeviceIsStillSilent()
    {
        await using (Engine engine = await StartAsync())
        {
            await SendAsync(engine, "rig-1");
            await PassAsync(engine, minutes: 7);
            await engine.Loop.AskAsync(decider => decider.Alerts.Act((book, changes) =>
                book.Clear(book.Standing.Single().Anomaly.Id, new AlertAct("Aigerim", Now, "sold"), changes)));
        }

        await using (Engine engine = await StartAsync())
        {
            await PassAsync(engine, minutes: 20);
        }

        Assert.Equal(["raised", "cleared"], Events());
        using LedgerReader ledger = Open();
        Assert.Empty(ledger.StandingAnomalies());
    }

    /// <summary>What a meter said of its phases is in the journal: the next process has learned the same, and decides at the same reading.</summary>
    [Fact]
    public async Task Phases_FromBeforeTheProcessDied_CountAfterIt()
    {
        await using (Engine engine = await StartAsync())
        {
            await PhasesAsync(engine, minutes: 70, """{"a_act_power":4000,"b_act_power":4100,"c_act_power":3900,"total_act_power":12000}""");
            await PhasesAsync(engine, minutes: 10, """{"a_act_power":4000,"b_act_power":4100,"c_act_power":0,"total_act_power":8100}""");
            Assert.Empty(Events());
        }

        await using (Engine engine = await StartAsync())
        {
            await PhasesAsync(engine, minutes: 7, """{"a_act_power":4000,"b_act_power":4100,"c_act_power":0,"total_act_power":8100}""");
        }

        using LedgerReader ledger = Open();
        AnomalyRecord raised = Assert.Single(ledger.StandingAnomalies());
        Assert.Equal(("em-1", "phase-imbalance"), (raised.Device, raised.Kind));
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private Instant Now => Instant.From(_time.Now);

    /// <summary>Ended by its disposal, which commits nothing.</summary>
    private async Task<Engine> StartAsync()
    {
        Settings settings = SettingsFile.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Ledger:Directory"] = _directory.FullName,
            ["Anomalies:WarmUp"] = "0s",
        }).Build()).Settings;
        Engine engine = Engine.Open(settings, SiteFiles.Load(settings).Files!, clockFromMessages: false, _time, NullLogger.Instance);
        await engine.StartAsync();
        return engine;
    }

    private async Task SendAsync(Engine engine, params string[] devices)
    {
        var batch = new RawBatch("test", null, 1_000);
        foreach (string device in devices)
        {
            batch.Add(
                System.Text.Encoding.UTF8.GetBytes($"fleet/site-1/{device}/telemetry"),
                System.Text.Encoding.UTF8.GetBytes($$"""{"ts":"{{_time.Now:yyyy-MM-ddTHH:mm:ss}}Z","power_w":3000}"""),
                Now);
        }

        await engine.Loop.ReceiveAsync(batch, CancellationToken.None);
        await engine.Loop.AskAsync(_ => true);
    }

    /// <summary>A Shelly meter that says so once a minute.</summary>
    private async Task PhasesAsync(Engine engine, int minutes, string payload)
    {
        for (int i = 0; i < minutes; i++)
        {
            var batch = new RawBatch("test", null, 1_000);
            batch.Add("em-1/status/em:0"u8, System.Text.Encoding.UTF8.GetBytes(payload), Now);
            await engine.Loop.ReceiveAsync(batch, CancellationToken.None);
            await PassAsync(engine, minutes: 1);
        }
    }

    private async Task PassAsync(Engine engine, int minutes)
    {
        for (int i = 0; i < 6 * minutes; i++)
        {
            _time.Now += TimeSpan.FromSeconds(10);
            await engine.Loop.AskAsync(decider =>
            {
                decider.Tick(Now);
                return true;
            });
        }
    }

    private LedgerReader Open() => LedgerReader.Open(new LedgerFiles(_directory.FullName));

    private string[] Events()
    {
        using LedgerReader ledger = Open();
        return [.. ledger.StandingAnomalies().Concat(ledger.Anomalies(new AnomalyFilter { Active = false }, null, 100))
            .SelectMany(anomaly => ledger.AlertEvents(anomaly.Id)).OrderBy(row => row.Sequence).Select(row => row.Event.Event)];
    }
}
