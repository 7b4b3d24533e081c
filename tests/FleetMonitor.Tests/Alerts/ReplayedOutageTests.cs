using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Telemetry.Sources;
using FleetMonitor.Tests.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace FleetMonitor.Tests.Alerts;

public sealed class ReplayedOutageTests : IDisposable
{
    private const int Rigs = 30;
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 10, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fleetmonitor-replay-");

    /// <summary>Two hours in one batch, with twenty minutes of darkness in the middle: one alert that began and ended, as it was then.</summary>
    [Fact]
    public async Task Site_ThatWentDownInAReplay_IsOneAlert()
    {
        await ReplayAsync(minute => minute is >= 60 and < 80 ? 1 : Rigs);

        Assert.Equal(["raised site", "cleared site"], Told());
        using LedgerReader ledger = LedgerReader.Open(new LedgerFiles(_directory.FullName));
        Assert.Empty(ledger.StandingAnomalies());
    }

    /// <summary>An outage that was over, one rig that stays silent, and at the end the site: replayed again, it was all told, and nothing is taken back.</summary>
    [Theory]
    [InlineData(120)]
    [InlineData(100)]
    public async Task Capture_ReplayedAgain_ChangesNoAlert(int outageAtTheEnd)
    {
        Func<int, int> speak = minute =>
            minute is >= 60 and < 80 || minute >= outageAtTheEnd ? 1 : minute >= 85 ? Rigs - 1 : Rigs;
        await ReplayAsync(speak);
        string[] told = Told();
        string[] rows = Standing();
        Assert.Contains("raised site", told);
        Assert.Contains("cleared site", told);
        Assert.NotEmpty(rows);

        await ReplayAsync(speak);

        Assert.Equal(told, Told());
        Assert.Equal(rows, Standing());
    }

    private string[] Told()
    {
        using LedgerReader ledger = LedgerReader.Open(new LedgerFiles(_directory.FullName));
        return [.. ledger.AlertEventsToTell(0, 1_000).Select(row => $"{row.Event.Event} {row.Event.Anomaly.Split('-')[0]}")];
    }

    private string[] Standing()
    {
        using LedgerReader ledger = LedgerReader.Open(new LedgerFiles(_directory.FullName));
        return [.. ledger.StandingAnomalies().Select(row => row.Json).Order(StringComparer.Ordinal)];
    }

    /// <param name="speak">How many rigs report in each minute.</param>
    private async Task ReplayAsync(Func<int, int> speak)
    {
        Settings settings = SettingsFile.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Ledger:Directory"] = _directory.FullName,
        }).Build()).Settings;
        await using Engine engine = Engine.Open(
            settings, SiteFiles.Load(settings).Files!, clockFromMessages: true, new ServiceTime(Start.AddDays(1)), NullLogger.Instance);
        await engine.StartAsync();
        var batch = new RawBatch("replay", null, 1_000_000);
        for (int minute = 0; minute < 120; minute++)
        {
            // One rig on a battery goes on.
            foreach (int rig in Enumerable.Range(0, speak(minute)))
            {
                batch.Add(
                    Encoding.UTF8.GetBytes($"fleet/site-1/rig-{rig}/telemetry"), """{"power_w":3000}"""u8,
                    Instant.From(Start.AddMinutes(minute)));
            }
        }

        await engine.Loop.ReceiveAsync(batch, CancellationToken.None);
        await engine.Loop.StopAsync();
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
