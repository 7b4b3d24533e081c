using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Ingest;

/// <param name="client">As in <c>Mqtt:Client</c>.</param>
public abstract class FaultsUnderLoadSuite(string client)
{
    private const int Rigs = 300;

    /// <summary>Half of the rigs have no register, so that a reading lost in the middle shows too.</summary>
    [RealServerFact(MosquittoServer.Program, Recording.Program)]
    public async Task Books_AfterKillsOfTheServiceAndRestartsOfTheBroker_AreThoseOfAnUndisturbedRecording()
    {
        await using TestSite site = await TestSite.StartAsync(client);
        await site.StartServiceAsync();
        await using Recording recording = await Recording.StartAsync(site);

        string faults = site.File("faults.jsonl");
        await File.WriteAllLinesAsync(
            faults,
            [
                .. Enumerable.Range(1, Rigs / 2).Select(rig => $$"""{"at":"00:00:00","device":"rig-{{rig}}","kind":"no-register"}"""),
                """{"at":"00:00:03","device":"*","kind":"duplicate","for":"00:00:10"}""",
                """{"at":"00:00:08","device":"*","kind":"delay","by":"3s","for":"00:00:02"}""",
                """{"at":"00:00:15","device":"*","kind":"delay","by":"4s","for":"00:00:03"}""",
                """{"at":"00:00:17","device":"*","kind":"duplicate","for":"00:00:08"}""",
            ]);
        await using ChildProcess simulator = site.StartSimulator(
            "--rigs", $"{Rigs}", "--interval", "250ms", "--faults", faults, "--duration", "26s");

        await Task.Delay(4_000);
        await KillAndStartServiceAsync(site);
        await Task.Delay(3_000);
        await RestartBrokerAsync(site);
        await Task.Delay(3_000);
        await KillAndStartServiceAsync(site);
        await Task.Delay(1_000);
        await RestartBrokerAsync(site);
        await Task.Delay(2_000);
        await KillAndStartServiceAsync(site);

        ChildResult simulated = await simulator.EndAsync(Tool.Patience);
        Assert.True(simulated.ExitCode == 0, simulated.Errors);
        TruthFile truth = TruthFile.Read(site.TruthPath);
        await recording.SettleAsync();
        recording.SaveCapture(site.File("recording.jsonl"));
        ChildResult replayed = await site.RunAsync(["replay", "--input", site.File("recording.jsonl")], site.File("undisturbed"));
        Assert.True(replayed.ExitCode == 0, replayed.Errors);
        Books expected = await site.BooksAsync(site.File("undisturbed"));

        Books books = await site.BooksOnceAsync(books => books.ToString() == expected.ToString());

        Assert.Equal(expected.ToString(), books.ToString());
        Assert.Equal(Rigs, truth.Devices.Count());
        Assert.Empty(BooksAgainstTruth.RegisterProblems(books, truth));
        Assert.Equal(0, (await site.StopServiceAsync()).ExitCode);
        Assert.Equal(expected.ToString(), (await site.BooksAsync()).ToString());
        Counts.Write("faults", ("kills", 3), ("restarts", 2), ("deliveries", recording.Deliveries.Count), ("lost", 0), ("doubled", 0));
    }

    private static async Task KillAndStartServiceAsync(TestSite site)
    {
        await site.KillServiceAsync();
        site.LaunchService();
    }

    private static async Task RestartBrokerAsync(TestSite site)
    {
        await site.Broker.StopAsync();
        await site.Broker.StartAsync();
    }
}

[Collection(BusyCollection.Name)]
public sealed class FaultsUnderLoadTests() : FaultsUnderLoadSuite("builtin");
