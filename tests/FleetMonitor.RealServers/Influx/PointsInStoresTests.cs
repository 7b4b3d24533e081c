using FleetMonitor.RealServers.Ingest;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Influx;

/// <summary>Points of an hour that has passed, in real stores, against plain sums over its readings.</summary>
public abstract class PointsInStoresSuite
{
    private const int Minutes = 60;

    /// <summary>What a site's point holds beside what the readings say.</summary>
    private static readonly string[] StateFields = ["mining", "idle", "stale", "offline", "levy_today", "levy_period"];

    private protected static readonly Recorded Hour = new(
        DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 60 * 60).AddMinutes(-Minutes - 10), Minutes, seed: 7);

    [RealServerFact(InfluxdServer.Program)]
    public async Task EveryFieldOfEveryPoint_InInfluxDb1_IsWhatTheReadingsSay()
    {
        await using var service = new ServiceWithStore();
        await using InfluxdServer store = await InfluxdServer.StartAsync(service.Folder);
        await UseAsync(service, store);
        await ReplayAsync(service);
        await service.StartAsync();

        await AssertStoredAsync(() => StoredPoints.ReadAsync(store, "device", "site"), 0);
        Assert.Equal(0, await service.MetricAsync("fleetmonitor_influx_rejected_total"));
    }

    [RealServerFact(VictoriaMetricsServer.Program)]
    public async Task EveryFieldOfEveryPoint_InVictoriaMetrics_IsWhatTheReadingsSay()
    {
        await using var service = new ServiceWithStore();
        await using VictoriaMetricsServer store = await VictoriaMetricsServer.StartAsync(service.Folder);
        Use(service, store);
        await ReplayAsync(service);
        await service.StartAsync();

        // It keeps a number as a whole one and a power of ten, with some 15 digits.
        await AssertStoredAsync(() => StoredPoints.ReadAsync(store, Hour.Points(), "device", "site"), 1e-14);
    }

    [RealServerFact(InfluxdServer.Program)]
    public async Task PointsThatTheStoreRefuses_AreKeptWithTheReason_AndTheOthersArrive()
    {
        await using var service = new ServiceWithStore();
        await using InfluxdServer store = await InfluxdServer.StartAsync(service.Folder);
        await UseAsync(service, store);
        // Somebody else made a field a decimal number: 1.x then refuses every point in which it is a whole one.
        Dictionary<StoredField, double> expected = Hour.Points();
        long first = expected.Keys.Min(field => field.Seconds);
        await store.WriteAsync($"site,site=other readings=1.5 {first}");
        await ReplayAsync(service);
        await service.StartAsync();

        int sites = expected.Keys.Where(field => field.Measurement == "site").Select(field => field.Seconds).Distinct().Count();
        Assert.True(await ServiceWithStore.OnceAsync(async () => await service.MetricAsync("fleetmonitor_influx_rejected_total") >= sites));
        Dictionary<StoredField, double> devices = expected.Where(field => field.Key.Measurement == "device").ToDictionary();
        Assert.Empty(StoredPoints.Differences(devices, await StoredPoints.ReadAsync(store, "device")));
        Assert.All(service.Rejects(), reject => Assert.Contains("field type conflict", reject.Reason, StringComparison.Ordinal));
        Assert.Equal(await service.MetricAsync("fleetmonitor_influx_rejected_total"), service.Rejects().Sum(reject => reject.Points));
    }

    [RealServerFact(InfluxdServer.Program)]
    public async Task Refill_OfAnEmptyStore_MakesTheSamePointsAgain()
    {
        await using var service = new ServiceWithStore();
        await using InfluxdServer store = await InfluxdServer.StartAsync(service.Folder);
        await UseAsync(service, store);
        await ReplayAsync(service);
        await service.StartAsync();
        await AssertStoredAsync(() => StoredPoints.ReadAsync(store, "device", "site"), 0);

        await store.QueryAsync("DROP DATABASE fleetmonitor");
        await store.QueryAsync("CREATE DATABASE fleetmonitor");
        await service.RunAsync("influx", "refill", "--from", "2020-01-01");

        Assert.Empty(StoredPoints.Differences(Hour.Points(), Readings(await StoredPoints.ReadAsync(store, "device", "site"))));
    }

    /// <summary>Has the service write to a database that is there.</summary>
    private protected abstract Task UseAsync(ServiceWithStore service, InfluxdServer store);

    private protected abstract void Use(ServiceWithStore service, VictoriaMetricsServer store);

    private protected static async Task ReplayAsync(ServiceWithStore service)
    {
        Hour.SaveCapture(service.File("hour.jsonl"));
        await service.RunAsync("replay", "--input", service.File("hour.jsonl"));
    }

    /// <summary>Late readings are summed into their site's windows in the background: it may take a moment.</summary>
    private protected static async Task AssertStoredAsync(Func<Task<Dictionary<StoredField, double>>> read, double tolerance)
    {
        Dictionary<StoredField, double> expected = Hour.Points();
        IReadOnlyList<string> differences = [];
        await ServiceWithStore.OnceAsync(async () =>
        {
            differences = StoredPoints.Differences(expected, Readings(await read()), tolerance);
            return differences.Count == 0;
        });
        Assert.Empty(differences);
    }

    private static Dictionary<StoredField, double> Readings(Dictionary<StoredField, double> points) =>
        points.Where(field => field.Key.Measurement != "site" || !StateFields.Contains(field.Key.Field)).ToDictionary();
}

[Collection(PatientCollection.Name)]
public sealed class PointsInStoresTests : PointsInStoresSuite
{
    [RealServerFact(VictoriaMetricsServer.Program)]
    public async Task EveryFieldOfEveryPoint_InVictoriaMetricsWrittenAs1x_IsWhatTheReadingsSay()
    {
        await using var service = new ServiceWithStore();
        await using VictoriaMetricsServer store = await VictoriaMetricsServer.StartAsync(service.Folder);
        service.UseStore(store.Url, "v1");
        await ReplayAsync(service);
        await service.StartAsync();

        await AssertStoredAsync(() => StoredPoints.ReadAsync(store, Hour.Points(), "device", "site"), 1e-14);
    }

    [RealServerFact(InfluxdServer.Program)]
    public async Task MissingDatabase_HoldsPointsUntilItIsSetUp()
    {
        await using var service = new ServiceWithStore();
        await using InfluxdServer store = await InfluxdServer.StartAsync(service.Folder);
        service.UseStore(store.Url, "v1");
        await ReplayAsync(service);
        await service.StartAsync();
        await service.SaysAsync("'fleetmonitor influx setup' makes the database fleetmonitor");
        Assert.True(await service.MetricAsync("fleetmonitor_influx_outbox_entries") > 0);
        Assert.True(await service.MetricAsync("fleetmonitor_influx_lag_seconds") > 600);

        await service.RunAsync("influx", "setup");
        ChildResult again = await service.RunAsync("influx", "setup", "--keep-days", "400");

        Assert.Contains("is there", again.Errors, StringComparison.Ordinal);
        await AssertStoredAsync(() => StoredPoints.ReadAsync(store, "device", "site"), 0);
        Assert.Equal(0, await service.MetricAsync("fleetmonitor_influx_rejected_total"));
    }

    [RealServerFact(InfluxdServer.Program)]
    public async Task ServiceItself_HasAPointForEachWindow_AndWhatWasMeanwhileAwayIsSaidAfterwards()
    {
        await using var service = new ServiceWithStore();
        await using InfluxdServer store = await InfluxdServer.StartAsync(service.Folder);
        service.UseStore(store.Url, "v1");
        service.Set("Metering:Window", "1s");
        await service.RunAsync("influx", "setup");
        await store.StopAsync();
        await service.StartAsync();
        Assert.True(await ServiceWithStore.OnceAsync(async () => await service.MetricAsync("fleetmonitor_influx_outbox_entries") >= 3));
        await store.StartAsync();

        Dictionary<StoredField, double> points = [];
        Assert.True(await ServiceWithStore.OnceAsync(async () => (points = await StoredPoints.ReadAsync(store, "service")).Count(field => field.Key.Field == "uptime_s") >= 4));
        Assert.Equal(1, points.Where(field => field.Key.Field == "sources_connected").Select(field => field.Value).Distinct().Single());
        Assert.All(points.Where(field => field.Key.Field is "ledger_bytes" or "disk_free_bytes" or "memory_bytes"), field => Assert.True(field.Value > 0, field.Key.ToString()));
        Assert.True(points.Where(field => field.Key.Field == "outbox_bytes").Max(field => field.Value) > 0);
        // A second each: nothing is left out and nothing counted twice.
        long[] seconds = [.. points.Keys.Select(field => field.Seconds).Distinct().Order()];
        Assert.Equal(seconds.Length - 1, seconds[^1] - seconds[0]);
    }

    private protected override async Task UseAsync(ServiceWithStore service, InfluxdServer store)
    {
        service.UseStore(store.Url, "v1");
        await service.RunAsync("influx", "setup");
    }

    private protected override void Use(ServiceWithStore service, VictoriaMetricsServer store) => service.UseStore(store.Url, "v2");
}
