using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Identity;
using FleetMonitor.Tests.Alerts;
using FleetMonitor.Tests.Mqtt;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace FleetMonitor.Tests.Hosting;

/// <summary>The loop stops before those that ask it something from time to time: none of them may take that for a failure.</summary>
public sealed class BackgroundWorkTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fleetmonitor-background-");
    private readonly ManualTime _time = new();
    private readonly Settings _settings;

    public BackgroundWorkTests()
    {
        string fleet = Path.Combine(_directory.FullName, "fleet.json");
        File.WriteAllText(fleet, """{"sites":[{"id":"site-1","devices":[{"id":"rig-1","role":"rig"}]}]}""");
        _settings = SettingsFile.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Ledger:Directory"] = Path.Combine(_directory.FullName, "ledger"),
            ["Ledger:CommitEvery"] = "00:00:00",
            ["Fleet:File"] = fleet,
        }).Build()).Settings;
    }

    [Fact]
    public async Task Maintenance_DueAfterTheLoopHasStopped_Ends()
    {
        await using Engine engine = await StartAsync();
        using var work = new Maintenance(ContextOf(engine), NullLogger<Maintenance>.Instance);
        await work.StartAsync(CancellationToken.None);
        await engine.Loop.StopAsync();

        // What is kept is looked at, and then the loop is asked to let some of it go.
        engine.Counters.EvidenceBytes = -1;
        await UntilAsync(() => engine.Counters.EvidenceBytes != -1, () => { });

        await work.StopAsync(CancellationToken.None);
        Assert.False(work.ExecuteTask!.IsFaulted, work.ExecuteTask.Exception?.ToString());
    }

    [Fact]
    public async Task FleetFile_ChangedAfterTheLoopHasStopped_EndsItsWatch()
    {
        await using Engine engine = await StartAsync();
        using var work = new FleetFileWatcher(ContextOf(engine), NullLogger<FleetFileWatcher>.Instance);
        await work.StartAsync(CancellationToken.None);
        await engine.Loop.StopAsync();

        DateTime written = DateTime.UnixEpoch;
        await UntilAsync(() => work.ExecuteTask!.IsCompleted, () => File.SetLastWriteTimeUtc(_settings.Fleet.File!, written += TimeSpan.FromMinutes(1)));

        Assert.True(work.ExecuteTask!.IsCompletedSuccessfully, work.ExecuteTask.Exception?.ToString());
    }

    public void Dispose() => _directory.Delete(recursive: true);

    private async Task<Engine> StartAsync()
    {
        Engine engine = Engine.Open(_settings, SiteFiles.Load(_settings).Files!, clockFromMessages: false, _time, NullLogger.Instance);
        await engine.StartAsync();
        return engine;
    }

    private ServiceContext ContextOf(Engine engine) =>
        new(_settings, SiteFiles.Load(_settings).Files!, engine, [], AccessControl.Load(_settings).Access!, _time, _time.GetUtcNow());

    private Task UntilAsync(Func<bool> done, Action act) => AlertApiTests.Eventually(() =>
    {
        act();
        _time.Advance(TimeSpan.FromMinutes(1));
        return done();
    });
}
