using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Ingest;

[Collection(BusyCollection.Name)]
public sealed class CaptureAndReplayTests
{
    private const int Seed = 20_261_121;

    [RealServerFact(MosquittoServer.Program)]
    public async Task Replay_OfACapture_GivesTheBooksOfTheLiveRunHoweverItIsFed()
    {
        await using TestSite site = await TestSite.StartAsync();
        await site.StartServiceAsync();
        string capture = site.File("capture.jsonl");
        await using ChildProcess recorder = Tool.StartInterruptible(
            ["capture", "--broker", site.Broker.Address, "--filter", "fleet/#", "--output", capture]);
        await recorder.WaitForAsync("recording fleet/#", Tool.Patience);
        string faults = site.File("faults.jsonl");
        await File.WriteAllLinesAsync(
            faults,
            [
                .. Enumerable.Range(1, 50).Select(rig => $$"""{"at":"00:00:00","device":"rig-{{rig}}","kind":"no-register"}"""),
                """{"at":"00:00:02","device":"*","kind":"delay","by":"2s","for":"00:00:02"}""",
            ]);
        await using ChildProcess simulator = site.StartSimulator("--rigs", "100", "--interval", "250ms", "--faults", faults, "--duration", "8s");
        ChildResult simulated = await simulator.EndAsync(Tool.Patience);
        Assert.True(simulated.ExitCode == 0, simulated.Errors);
        await site.WaitForMetricAsync("fleetmonitor_acknowledged_total", 3_200);
        ChildResult recorded = await recorder.InterruptAsync();
        Assert.True(recorded.ExitCode == 0, recorded.Errors);
        await site.StopServiceAsync();
        string live = (await site.BooksAsync()).ToString();
        Assert.Equal(100, live.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        // Once, and once more: nothing changes.
        Assert.Equal(live, await ReplayAsync(site, "once", capture));
        Assert.Equal(live, await ReplayAsync(site, "once", capture));

        // In any order, in two halves, and by any number of shards.
        string[] lines = await File.ReadAllLinesAsync(capture);
        new Random(Seed).Shuffle(lines);
        string[] halves = [site.File("half-1.jsonl"), site.File("half-2.jsonl")];
        await File.WriteAllLinesAsync(halves[0], lines[..(lines.Length / 2)]);
        await File.WriteAllLinesAsync(halves[1], lines[(lines.Length / 2)..]);
        site.Set("Ledger:Shards", "3");
        await ReplayAsync(site, "shuffled", halves[0]);
        site.Set("Ledger:Shards", "1");
        Assert.Equal(live, await ReplayAsync(site, "shuffled", halves[1]));
    }

    private static async Task<string> ReplayAsync(TestSite site, string ledger, string capture)
    {
        ChildResult replayed = await site.RunAsync(["replay", "--input", capture], site.File(ledger));
        Assert.True(replayed.ExitCode == 0, replayed.Errors);
        return (await site.BooksAsync(site.File(ledger))).ToString();
    }
}
