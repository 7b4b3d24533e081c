using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Ingest;

/// <summary>kill -9 of mosquitto, which saves its state only now and then: what it had acknowledged to publishers may be gone.</summary>
/// <param name="client">As in <c>Mqtt:Client</c>.</param>
public abstract class BrokerKilledSuite(string client)
{
    private const int Registers = 50;
    private const int Integrated = 50;
    private const string Seconds = "16s";

    [RealServerFact(MosquittoServer.Program)]
    public async Task Broker_KilledWithAQueue_LeavesExactRegistersAndShowsTheRestAsGaps()
    {
        await using TestSite site = await TestSite.StartAsync(client);
        site.Set("Metering:MaxGap", "2s");
        site.Set("Metering:ReorderWindow", "1s");
        await site.StartServiceAsync();
        await using ChildProcess simulator = await SimulateAsync(site);
        await Task.Delay(4_000);

        // While the service is away its readings gather at the broker, and go down with it.
        await site.KillServiceAsync();
        await Task.Delay(4_000);
        await site.Broker.KillAsync();
        site.Broker.Forget();
        await site.Broker.StartAsync();
        await site.StartServiceAsync();

        (TruthFile truth, Books books) = await EndAsync(site, simulator);
        Assert.Empty(BooksAgainstTruth.RegisterProblems(books, truth));
        await site.StopServiceAsync();
        SessionGap session = Assert.Single(site.Read(ledger => ledger.SessionGaps().ToList()));
        List<GapRow> gaps = site.Read(ledger => ledger.Gaps("site-1", session.From, session.To).ToList());
        foreach ((string device, IReadOnlyList<TruthOfDay> days) in truth.Devices.Where(d => d.Days.All(day => day.FirstRegister is null)))
        {
            // What was drawn in the gap is not made up: 16 s less 4 s of gap leave three quarters, and never more than all.
            decimal share = books.Of(device).Integrated / days.Sum(day => day.Energy);
            Assert.InRange(share, 0.5m, 0.9m);
            Assert.Single(gaps, gap => $"{gap.Key.Site}/{gap.Key.Device}" == device);
        }
    }

    [RealServerFact(MosquittoServer.Program)]
    public async Task Broker_ThatForgetsWhatWasAcknowledged_DoublesNothing()
    {
        await using TestSite site = await TestSite.StartAsync(client);
        await site.StartServiceAsync();
        await using ChildProcess simulator = await SimulateAsync(site);
        await Task.Delay(3_000);

        // Saved with a queue; then the queue is delivered and acknowledged, and the acknowledgements are forgotten.
        await site.KillServiceAsync();
        await Task.Delay(2_000);
        await site.Broker.SaveAsync();
        await site.StartServiceAsync();
        await Task.Delay(3_000);
        await site.Broker.KillAsync();
        await site.Broker.StartAsync();

        (TruthFile truth, Books books) = await EndAsync(site, simulator);
        Assert.Empty(BooksAgainstTruth.RegisterProblems(books, truth));
        Assert.True(await site.MetricAsync("fleetmonitor_duplicates_total") > Registers, site.Service!.Errors);
        (decimal ratio, _) = BooksAgainstTruth.IntegratedRatio(books, truth);
        Assert.InRange(ratio, 0.99m, 1.01m);
    }

    private static async Task<ChildProcess> SimulateAsync(TestSite site)
    {
        string faults = site.File("faults.jsonl");
        await File.WriteAllLinesAsync(faults, Enumerable.Range(Registers + 1, Integrated).Select(
            rig => $$"""{"at":"00:00:00","device":"rig-{{rig}}","kind":"no-register"}"""));
        return site.StartSimulator("--rigs", $"{Registers + Integrated}", "--interval", "500ms", "--faults", faults, "--duration", Seconds);
    }

    private static async Task<(TruthFile Truth, Books Books)> EndAsync(TestSite site, ChildProcess simulator)
    {
        ChildResult simulated = await simulator.EndAsync(Tool.Patience);
        Assert.True(simulated.ExitCode == 0, simulated.Errors);
        TruthFile truth = TruthFile.Read(site.TruthPath);
        return (truth, await site.BooksOnceAsync(books => BooksAgainstTruth.RegisterProblems(books, truth).Count == 0, TimeSpan.FromSeconds(15)));
    }
}

[Collection(BusyCollection.Name)]
public sealed class BrokerKilledTests() : BrokerKilledSuite("builtin");
