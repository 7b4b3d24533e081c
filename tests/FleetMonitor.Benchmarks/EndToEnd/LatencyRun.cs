using FleetMonitor.Benchmarks.Load;
using FleetMonitor.Benchmarks.Measuring;
using FleetMonitor.RealServers.Servers;

namespace FleetMonitor.Benchmarks.EndToEnd;

/// <summary>How long a publisher waits for its acknowledgement: the service's listener, which answers after the fsync, beside mosquitto, which only answers.</summary>
/// <param name="Syncs">Milliseconds of syncs of the same disk, measured before, between and after.</param>
internal sealed record LatencyOutcome(
    IReadOnlyList<LoadResult> Idle, IReadOnlyList<LoadResult> Loaded, IReadOnlyList<LoadResult> BrokerIdle, IReadOnlyList<LoadResult> BrokerLoaded, Spread Syncs)
{
    public const int PerSecond = 5_000;
    public const int IdlePerSecond = 3;

    public static async Task<LatencyOutcome> MeasureAsync(int slices, double idleSeconds, double loadedSeconds, int devices)
    {
        string folder = Directory.CreateTempSubdirectory("fleetmonitor-bench-").FullName;
        try
        {
            await using ServiceProcess service = await ServiceProcess.StartAsync($"{folder}/ledger", null);
            await using MosquittoServer broker = await MosquittoServer.StartAsync(folder);
            var syncs = new List<double>();
            var idle = new List<LoadResult>[] { [], [] };
            var loaded = new List<LoadResult>[] { [], [] };
            int[] ports = [service.ListenerPort, broker.Port];
            LoadProcess[] clients = [await StartAsync(ports[0], devices), await StartAsync(ports[1], devices)];
            foreach (LoadProcess client in clients)
            {
                await client.RoundAsync();
                await client.PaceAsync(PerSecond, loadedSeconds);
            }

            for (int slice = 0; slice < slices; slice++)
            {
                syncs.AddRange(SyncProbe.Measure(folder, 200));
                for (int i = 0; i < clients.Length; i++)
                {
                    idle[i].Add(await clients[i].PaceAsync(IdlePerSecond, idleSeconds));
                    loaded[i].Add(await clients[i].PaceAsync(PerSecond, loadedSeconds));
                }
            }

            syncs.AddRange(SyncProbe.Measure(folder, 200));
            foreach (LoadProcess client in clients)
            {
                await client.DisposeAsync();
            }

            return new LatencyOutcome(idle[0], loaded[0], idle[1], loaded[1], Spread.Of(syncs));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Task<LoadProcess> StartAsync(int port, int devices) => LoadProcess.StartAsync(port, 50, devices, 1_000);
}
