using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Ingest;

[Collection(BusyCollection.Name)]
public sealed class FullDiskTests
{
    private const string DiskFull = "The disk is full";

    [SmallDiskFact]
    public async Task DiskFull_AndRoomAgain_CostsNothing()
    {
        await using TestSite site = await TestSite.StartAsync();
        using SmallDisk disk = SmallDisk.Mount(site.Ledger, 2);
        await site.StartServiceAsync();
        await using ChildProcess simulator = site.StartSimulator("--rigs", "200", "--interval", "100ms", "--duration", "12s");
        await site.Service!.WaitForAsync(DiskFull, Tool.Patience);

        // Nothing is acknowledged that is not safe.
        await Task.Delay(500);
        long acknowledged = await site.MetricAsync("fleetmonitor_acknowledged_total");
        await Task.Delay(2_500);
        Assert.Equal(acknowledged, await site.MetricAsync("fleetmonitor_acknowledged_total"));
        Assert.False(site.Service.HasExited, site.Service.Errors);

        disk.Resize(200);

        await site.Service.WaitForAsync("There is room on the disk again", Tool.Patience);
        ChildResult simulated = await simulator.EndAsync(Tool.Patience);
        Assert.True(simulated.ExitCode == 0, simulated.Errors);
        TruthFile truth = TruthFile.Read(site.TruthPath);
        Books books = await site.BooksOnceAsync(books => BooksAgainstTruth.RegisterProblems(books, truth).Count == 0);
        Assert.Empty(BooksAgainstTruth.RegisterProblems(books, truth));
        Assert.Equal(0, (await site.StopServiceAsync()).ExitCode);
        Assert.Equal(books.ToString(), (await site.BooksAsync()).ToString());
    }

    [SmallDiskFact]
    public async Task Service_ToldToStopWhileTheDiskIsFull_EndsAndTheBrokerKeepsTheRest()
    {
        await using TestSite site = await TestSite.StartAsync();
        using SmallDisk disk = SmallDisk.Mount(site.Ledger, 2);
        await site.StartServiceAsync();
        await using ChildProcess simulator = site.StartSimulator("--rigs", "200", "--interval", "100ms", "--duration", "8s");
        await site.Service!.WaitForAsync(DiskFull, Tool.Patience);

        ChildResult stopped = await site.StopServiceAsync();

        Assert.Equal(1, stopped.ExitCode);
        ChildResult simulated = await simulator.EndAsync(Tool.Patience);
        Assert.True(simulated.ExitCode == 0, simulated.Errors);
        disk.Resize(200);
        await site.StartServiceAsync();
        TruthFile truth = TruthFile.Read(site.TruthPath);
        Books books = await site.BooksOnceAsync(books => BooksAgainstTruth.RegisterProblems(books, truth).Count == 0);
        Assert.Empty(BooksAgainstTruth.RegisterProblems(books, truth));
    }

    [SmallDiskFact]
    public async Task Service_OnAReadOnlyDisk_RefusesToStartAndSaysWhatToDo()
    {
        await using TestSite site = await TestSite.StartAsync();
        using SmallDisk disk = SmallDisk.Mount(site.Ledger, 4);
        await site.StartServiceAsync();
        await site.StopServiceAsync();
        disk.MakeReadOnly();

        ChildResult refused = await Tool.RunAsync(site.ServiceArguments(site.Ledger));

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("cannot be written", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("Make the directory writable", refused.Errors, StringComparison.Ordinal);
    }
}
