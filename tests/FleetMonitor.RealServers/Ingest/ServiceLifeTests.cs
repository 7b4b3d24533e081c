using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Ingest;

[Collection(BusyCollection.Name)]
public sealed class ServiceLifeTests
{
    [RealServerFact(MosquittoServer.Program)]
    public async Task Service_OnALedgerInUse_IsRefusedAndHarmsNothing()
    {
        await using TestSite site = await TestSite.StartAsync();
        await site.StartServiceAsync();

        ChildResult second = await Tool.RunAsync(site.ServiceArguments(site.Ledger));

        Assert.Equal(1, second.ExitCode);
        Assert.Contains("in use by another fleetmonitor", second.Errors, StringComparison.Ordinal);
        Assert.Equal(0, await site.MetricAsync("fleetmonitor_session_gaps_total"));
        Assert.Equal(0, (await site.StopServiceAsync()).ExitCode);
    }

    /// <summary>
    /// Were one reading committed and not acknowledged, the broker would deliver it again to the next start, which would know it as a duplicate.
    /// The backlog that the stop leaves is many times the window that the broker should keep to, and does not.
    /// </summary>
    [RealServerFact(MosquittoServer.Program)]
    public async Task Service_ToldToStopUnderFullLoad_CommitsAndAcknowledgesWhatItTook()
    {
        await using TestSite site = await TestSite.StartAsync();
        site.Set("Mqtt:Subscriber:ReceiveMaximum", "1000");
        await site.StartServiceAsync();
        await using ChildProcess simulator = site.StartSimulator("--rigs", "500", "--interval", "0", "--duration", "6s");
        await Task.Delay(3_000);

        ChildResult stopped = await site.StopServiceAsync();

        Assert.True(stopped.ExitCode == 0, stopped.Errors);
        ChildResult simulated = await simulator.EndAsync(Tool.Patience);
        Assert.True(simulated.ExitCode == 0, simulated.Errors);
        await site.StartServiceAsync();
        TruthFile truth = TruthFile.Read(site.TruthPath);
        Books books = await site.BooksOnceAsync(books => BooksAgainstTruth.RegisterProblems(books, truth).Count == 0);
        Assert.Empty(BooksAgainstTruth.RegisterProblems(books, truth));
        Assert.True(await site.MetricAsync("fleetmonitor_acknowledged_total") > 1_000);
        Assert.Equal(0, await site.MetricAsync("fleetmonitor_duplicates_total"));
        Assert.DoesNotContain("Disconnected", site.Service!.Errors, StringComparison.Ordinal);
    }
}
