using FleetMonitor.RealServers.Ingest;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Influx;

/// <summary>Stores and the service stop, crash and come back while a fleet publishes: nothing is lost, nothing is changed.</summary>
public abstract class StoresThatFailSuite
{
    private static readonly string[] StateFields = ["mining", "idle", "stale", "offline", "levy_today", "levy_period"];

    [RealServerFact(InfluxdServer.Program, MosquittoServer.Program)]
    public async Task InfluxDb1_KilledAndRestarted_WithTheServiceToo_HoldsEveryPoint()
    {
        await using var service = new ServiceWithStore();
        await using MosquittoServer broker = await MosquittoServer.StartAsync(service.Folder);
        await using InfluxdServer store = await InfluxdServer.StartAsync(service.Folder);
        await UseAsync(service, store);
        await RunAsync(
            service,
            broker,
            [store.KillAsync, store.StartAsync, service.KillAsync, service.StartAsync, store.StopAsync, service.KillAsync, service.StartAsync, store.StartAsync],
            () => StoredPoints.ReadAsync(store, "device", "site"),
            0);
    }

    [RealServerFact(VictoriaMetricsServer.Program, MosquittoServer.Program)]
    public async Task VictoriaMetrics_Restarted_WithTheServiceKilled_HoldsEveryPoint()
    {
        await using var service = new ServiceWithStore();
        await using MosquittoServer broker = await MosquittoServer.StartAsync(service.Folder);
        await using VictoriaMetricsServer store = await VictoriaMetricsServer.StartAsync(service.Folder);
        Use(service, store);
        await RunAsync(
            service,
            broker,
            [store.StopAsync, store.StartAsync, service.KillAsync, service.StartAsync],
            () => StoredPoints.ReadAsync(store, service.KeptPoints(), "device", "site"),
            1e-14);
    }

    /// <summary>Has the service write to a database that is there.</summary>
    private protected abstract Task UseAsync(ServiceWithStore service, InfluxdServer store);

    private protected abstract void Use(ServiceWithStore service, VictoriaMetricsServer store);

    private static async Task RunAsync(
        ServiceWithStore service, MosquittoServer broker, IReadOnlyList<Func<Task>> disturbances, Func<Task<Dictionary<StoredField, double>>> read, double tolerance)
    {
        service.Set("Mqtt:Subscriber:Brokers:0", $"mqtt://{broker.Address}");
        service.Set("Metering:Window", "00:00:01");
        service.Set("Metering:ReorderWindow", "00:00:02");
        await service.StartAsync();
        await service.SaysAsync("Connected to");
        await using ChildProcess simulator = Tool.Start(
            ["simulate", "--broker", broker.Address, "--rigs", "30", "--interval", "300ms", "--duration", $"{4 + (3 * disturbances.Count)}s"]);
        await Task.Delay(3_000);
        foreach (Func<Task> disturbance in disturbances)
        {
            await Task.Delay(2_000);
            await disturbance();
        }

        Assert.Equal(0, (await simulator.EndAsync(Tool.Patience)).ExitCode);
        // The last window settles, site windows that a crash left unfinished are summed again, and all of it is sent.
        IReadOnlyList<string> differences = [];
        int fields = 0;
        await ServiceWithStore.OnceAsync(
            async () =>
            {
                Dictionary<StoredField, double> expected = service.KeptPoints();
                fields = expected.Count;
                Dictionary<StoredField, double> stored = await read();
                differences = StoredPoints.Differences(
                    expected, stored.Where(field => field.Key.Measurement != "site" || !StateFields.Contains(field.Key.Field)).ToDictionary(), tolerance);
                return differences.Count == 0 && await service.MetricAsync("fleetmonitor_influx_outbox_entries") == 0;
            },
            TimeSpan.FromSeconds(90));
        Assert.Empty(differences.Take(20));
        Assert.True(fields > 30 * 10 * 8, $"only {fields} fields");
        Assert.Equal(0, await service.MetricAsync("fleetmonitor_influx_rejected_total"));
        Assert.Equal(0, await service.MetricAsync("fleetmonitor_influx_dropped_total"));
    }
}

[Collection(PatientCollection.Name)]
public sealed class StoresThatFailTests : StoresThatFailSuite
{
    private protected override async Task UseAsync(ServiceWithStore service, InfluxdServer store)
    {
        service.UseStore(store.Url, "v1");
        await service.RunAsync("influx", "setup");
    }

    private protected override void Use(ServiceWithStore service, VictoriaMetricsServer store) => service.UseStore(store.Url, "v2");
}
