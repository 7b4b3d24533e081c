using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Ingest;

/// <summary>The backup that people make: of a service that is busy.</summary>
[Collection(BusyCollection.Name)]
public sealed class BackupUnderLoadTests
{
    [RealServerFact]
    public async Task Backup_OfABusyService_IsSound_AndRestoresToTheBooksOfItsMoment()
    {
        await using TestSite site = TestSite.WithoutBroker();
        await site.StartServiceAsync();
        await using ChildProcess load = site.StartSimulator("--rigs", "500", "--interval", "200ms", "--duration", "15s");
        await site.WaitForMetricAsync("fleetmonitor_acknowledged_total", 2_000);
        for (int i = 0; i < 3; i++)
        {
            ChildResult made = await site.RunAsync(["ledger", "backup", "--output", site.File($"{i}.db")]);
            Assert.True(made.ExitCode == 0, made.Errors);
        }

        Assert.False(load.HasExited, "The load was over before the backups were.");
        Assert.Equal(0, (await load.EndAsync(Tool.Patience)).ExitCode);
        Assert.Equal(0, (await site.StopServiceAsync()).ExitCode);

        decimal before = 0;
        for (int i = 0; i < 3; i++)
        {
            string restored = site.File($"restored-{i}");
            ChildResult restoring = await site.RunAsync(["ledger", "restore", "--input", site.File($"{i}.db")], restored);
            Assert.True(restoring.ExitCode == 0, restoring.Errors);
            ChildResult verified = await site.RunAsync(["ledger", "verify"], restored);
            Assert.True(verified.ExitCode == 0, verified.Output + verified.Errors);
            decimal energy = Energy(await site.BooksAsync(restored));
            Assert.True(energy > before, $"{energy} kWh in backup {i}, {before} in the one before");
            before = energy;
        }

        Assert.True(Energy(await site.BooksAsync()) > before);
    }

    private static decimal Energy(Books books) => books.Rows.Values.Sum(row => row.Total);
}
