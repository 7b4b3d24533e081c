using System.Globalization;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Ingest;

[Collection(PatientCollection.Name)]
public sealed class TruthThroughMosquittoTests
{
    private const int Registers = 100;
    private const int Integrated = 100;

    /// <summary>
    /// One reading in 10 s of each rig, over a local midnight. Two hundred rigs, so that what chance does to a minute of samples of a noisy
    /// signal averages out: the spread of the integrated sum is then a tenth of what is allowed.
    /// </summary>
    [RealServerFact(MosquittoServer.Program)]
    public async Task Books_AfterAFleetPublishedOverAMidnight_EqualTheTruth()
    {
        string folder = Directory.CreateTempSubdirectory("fleetmonitor-zone-").FullName;
        var zone = MidnightZone.Create(folder, DateTimeOffset.UtcNow.AddSeconds(20));
        await using TestSite site = await TestSite.StartAsync(environment: zone.Environment);
        site.Set("Fleet:DefaultTimeZone", MidnightZone.Id);
        await site.StartServiceAsync();

        string faults = site.File("faults.jsonl");
        await File.WriteAllLinesAsync(faults, Enumerable.Range(Registers + 1, Integrated).Select(rig => string.Create(
            CultureInfo.InvariantCulture, $$"""{"at":"00:00:00","device":"rig-{{rig}}","kind":"no-register"}""")));
        double seconds = Math.Max(60, (zone.Midnight - DateTimeOffset.UtcNow).TotalSeconds + 15);
        await using ChildProcess simulator = site.StartSimulator(
            "--rigs", $"{Registers + Integrated}", "--interval", "10", "--faults", faults, "--time-zone", MidnightZone.Id,
            "--duration", string.Create(CultureInfo.InvariantCulture, $"{seconds:0}s"));
        ChildResult simulated = await simulator.EndAsync(TimeSpan.FromSeconds(seconds) + Tool.Patience);
        Assert.True(simulated.ExitCode == 0, simulated.Errors);

        TruthFile truth = TruthFile.Read(site.TruthPath);
        Books books = await site.BooksOnceAsync(books => BooksAgainstTruth.RegisterProblems(books, truth).Count == 0, TimeSpan.FromSeconds(15));

        Assert.Equal(Registers + Integrated, truth.Devices.Count());
        Assert.All(truth.Devices, device => Assert.Equal(2, device.Days.Count));
        Assert.Empty(BooksAgainstTruth.RegisterProblems(books, truth));
        (decimal ratio, int devices) = BooksAgainstTruth.IntegratedRatio(books, truth);
        Assert.Equal(Integrated, devices);
        Assert.InRange(ratio, 0.999m, 1.001m);
        Assert.All(books.Rows.Values, energy => Assert.Equal(0m, energy.Estimated));

        ChildResult stopped = await site.StopServiceAsync();
        Assert.True(stopped.ExitCode == 0, stopped.Errors);
        Assert.Equal(books.ToString(), (await site.BooksAsync()).ToString());
        Directory.Delete(folder, recursive: true);
    }
}
