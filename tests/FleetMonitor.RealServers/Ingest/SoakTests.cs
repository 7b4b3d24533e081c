using System.Diagnostics;
using System.Globalization;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.RealServers.Influx;
using FleetMonitor.RealServers.Servers;
using FleetMonitor.Service.Books;
using FleetMonitor.Service.Configuration;
using Microsoft.Extensions.Configuration;
using Xunit;
using Xunit.Abstractions;

namespace FleetMonitor.RealServers.Ingest;

/// <summary>
/// A fleet publishes 5,000 readings a second while something breaks every few seconds; then the totals are held against the truth, and the
/// readings are counted. <c>soak.sh MINUTES</c> runs it for longer than the one minute of a test run.
/// </summary>
[Collection(BusyCollection.Name)]
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int Rigs = 5_000;
    private const int BetweenFaultsMs = 4_000;
    private const int RoomMb = 16_384;
    private const string Full = "The disk is full";
    private const string RoomAgain = "There is room on the disk again";
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(5);

    /// <summary>Half of the rigs have no register, so that a reading lost in the middle shows in their energy too.</summary>
    [RealServerFact(MosquittoServer.Program, InfluxdServer.Program)]
    public async Task Totals_AfterMinutesOfFaultsAtFullRate_AreTheTruth()
    {
        int minutes = Number("FLEETMONITOR_SOAK_MINUTES") ?? 1;
        var random = new Random(Number("FLEETMONITOR_SEED") ?? 1);
        await using TestSite site = await TestSite.StartAsync();
        await using InfluxdServer store = await InfluxdServer.StartAsync(site.Folder);
        using SmallDisk? disk = SmallDisk.IsAllowed() ? SmallDisk.Mount(site.Ledger, RoomMb) : null;
        site.Set("Influx:Url", store.Url.ToString());
        site.Set("Influx:Api", "v1");
        Assert.Equal(0, (await site.RunAsync(["influx", "setup"])).ExitCode);
        await site.StartServiceAsync();
        string plan = site.File("faults.jsonl");
        await File.WriteAllLinesAsync(
            plan, Enumerable.Range(1, Rigs / 2).Select(rig => $$"""{"at":"00:00:00","device":"rig-{{rig}}","kind":"no-register"}"""));
        await using ChildProcess simulator = site.StartSimulator(
            "--rigs", $"{Rigs}", "--interval", "1s", "--connections", "8", "--faults", plan, "--duration", $"{minutes}m");

        Dictionary<string, int> faults = await DisturbAsync(site, store, disk, simulator, random, TimeSpan.FromMinutes(minutes));

        ChildResult simulated = await simulator.EndAsync(Settling);
        Assert.True(simulated.ExitCode == 0, simulated.Errors);
        TruthFile truth = TruthFile.Read(site.TruthPath);
        Books books = await site.BooksOnceAsync(books => BooksAgainstTruth.RegisterProblems(books, truth).Count == 0, Settling);
        Assert.True(await ServiceWithStore.OnceAsync(async () => await site.MetricAsync("fleetmonitor_influx_outbox_entries") == 0));
        Assert.Equal(0, await site.MetricAsync("fleetmonitor_influx_rejected_total"));
        Assert.Equal(0, await site.MetricAsync("fleetmonitor_influx_dropped_total"));
        ChildResult stopped = await site.StopServiceAsync();
        Assert.True(stopped.ExitCode == 0, stopped.Errors);

        long published = long.Parse(simulated.Errors.Split('\n').Last(line => line.Contains(" messages, ", StringComparison.Ordinal)).Split(' ')[0], CultureInfo.InvariantCulture);
        (long kept, long doubled) = Count(site);
        IReadOnlyList<string> problems = BooksAgainstTruth.RegisterProblems(books, truth);
        (decimal ratio, int devices) = BooksAgainstTruth.IntegratedRatio(books, truth);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{minutes} min, {published} readings published, {kept} kept, {published - kept} lost, {doubled} doubled; {problems.Count} registers off; "
            + $"books / truth of {devices} rigs without register {ratio:F6}; faults: {string.Join(", ", faults.Select(fault => $"{fault.Value} {fault.Key}"))}"));
        Counts.Write(
            "soak",
            [
                ("minutes", minutes), ("readings", published), ("lost", published - kept), ("doubled", doubled),
                ("off", problems.Count), ("faults", faults.Values.Sum()),
            ]);
        Assert.Empty(problems);
        Assert.Equal((published, 0L), (kept, doubled));
        Assert.InRange(ratio, 0.999m, 1.001m);
        Assert.True(faults.Values.Sum() >= minutes * 5, "Hardly anything broke.");
    }

    private static async Task<Dictionary<string, int>> DisturbAsync(
        TestSite site, InfluxdServer store, SmallDisk? disk, ChildProcess simulator, Random random, TimeSpan duration)
    {
        var watch = Stopwatch.StartNew();
        var done = new Dictionary<string, int>();
        (string Name, Func<Task<bool>> Run)[] faults =
        [
            ("kills of the service", () => KillServiceAsync(site)),
            ("stops of the service", () => StopServiceAsync(site)),
            ("restarts of mosquitto", () => RestartBrokerAsync(site)),
            ("kills of influxd", () => KillStoreAsync(store)),
            ("freezes of the service", () => FreezeAsync(site)),
            .. disk is null ? [] : new (string, Func<Task<bool>>)[] { ("full disks", () => FillAsync(site, disk)) },
        ];
        await Task.Delay(BetweenFaultsMs);

        // The last seconds are quiet, so that what is broken is whole again before the end.
        while (watch.Elapsed < duration - TimeSpan.FromSeconds(5) && !simulator.HasExited)
        {
            (string name, Func<Task<bool>> run) = faults[random.Next(faults.Length)];
            if (await run())
            {
                done[name] = done.GetValueOrDefault(name) + 1;
            }

            await Task.Delay(random.Next(BetweenFaultsMs));
        }

        return done;
    }

    private static async Task<bool> KillServiceAsync(TestSite site)
    {
        await site.KillServiceAsync();
        await site.StartServiceAsync();
        return true;
    }

    private static async Task<bool> StopServiceAsync(TestSite site)
    {
        ChildResult stopped = await site.StopServiceAsync();
        Assert.True(stopped.ExitCode == 0, stopped.Errors);
        await site.StartServiceAsync();
        return true;
    }

    private static async Task<bool> RestartBrokerAsync(TestSite site)
    {
        await site.Broker.StopAsync();
        await site.Broker.StartAsync();
        return true;
    }

    private static async Task<bool> KillStoreAsync(InfluxdServer store)
    {
        await store.KillAsync();
        await store.StartAsync();
        return true;
    }

    private static async Task<bool> FreezeAsync(TestSite site)
    {
        site.Service!.Signal(ChildProcess.SigStop);
        await Task.Delay(1_500);
        site.Service.Signal(ChildProcess.SigCont);
        return true;
    }

    /// <summary>Leaves hardly any room for a while, and makes room again.</summary>
    /// <returns>False where the service did with the room that its files have inside.</returns>
    private static async Task<bool> FillAsync(TestSite site, SmallDisk disk)
    {
        int full = site.Service!.Errors.Split(Full).Length;
        int room = site.Service.Errors.Split(RoomAgain).Length;
        disk.LeaveHardlyAnything();
        try
        {
            await site.Service.WaitForAsync(Full, TimeSpan.FromSeconds(5), full);
        }
        catch (TimeoutException)
        {
            disk.Resize(RoomMb);
            return false;
        }

        await Task.Delay(500);
        disk.Resize(RoomMb);
        await site.Service.WaitForAsync(RoomAgain, Tool.Patience, room);
        return true;
    }

    /// <summary>Readings in the ledger, and how many of them stand there twice.</summary>
    private static (long Kept, long Doubled) Count(TestSite site)
    {
        Settings settings = SettingsFile.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Ledger:Directory"] = site.Ledger }).Build()).Settings;
        (SiteFiles? files, IReadOnlyList<string> problems) = SiteFiles.Load(settings);
        Assert.Empty(problems);
        using BooksView books = BooksView.OpenReadOnly(settings, files!, Instant.From(DateTimeOffset.UtcNow));
        long kept = 0;
        long doubled = 0;
        foreach (DeviceKey device in books.Ledger.Devices().Select(row => row.Key))
        {
            Instant? last = null;
            foreach (Instant at in books.Readings(device, new Instant(0)).Select(reading => reading.At))
            {
                kept++;
                doubled += at == last ? 1 : 0;
                last = at;
            }
        }

        return (kept, doubled);
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
