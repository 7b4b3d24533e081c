using FleetMonitor.Benchmarks.InProcess;
using FleetMonitor.Benchmarks.Load;
using FleetMonitor.Benchmarks.Measuring;
using FleetMonitor.RealServers.Servers;

namespace FleetMonitor.Benchmarks.Scale;

/// <summary>Measures points of the curve.</summary>
/// <param name="slices">Measurements that follow each other.</param>
/// <param name="seconds">How long one takes.</param>
/// <param name="warmUpReadings">Taken before, at least: until then code is compiled again and again.</param>
/// <param name="settlingSeconds">At the rate that is measured, before it is: until then windows are completed of what was taken as fast as possible.</param>
internal sealed class ScaleMeasure(int slices, double seconds, int warmUpReadings, double settlingSeconds)
{
    /// <summary>mosquitto's own, of messages under way to a client.</summary>
    private const int Window = 20;
    private const int Connections = 50;
    private static readonly string[] AnyNumberOfDevices = ["Fleet:MaxUnregistered=1000000"];

    public async Task<ScalePoint> InProcessAsync(ScaleMode mode, int devices, double rate)
    {
        string folder = Directory.CreateTempSubdirectory("fleetmonitor-bench-").FullName;
        try
        {
            await using EngineProcess engine = await EngineProcess.StartAsync($"{folder}/ledger", devices, null, AnyNumberOfDevices);
            await engine.RoundsAsync(Math.Max(2, warmUpReadings / devices), 0);
            await engine.PaceAsync(rate, settlingSeconds);
            var results = new List<EngineResult>();
            for (int slice = 0; slice < slices; slice++)
            {
                results.Add(await engine.PaceAsync(rate, seconds));
            }

            EngineResult collected = await engine.CollectAsync();
            return new ScalePoint(
                mode,
                ThroughBroker: false,
                devices,
                rate,
                Spread.Of(results, result => result.PerSecond),
                Spread.Of(results, result => result.CpuSecondsPerMillion),
                SubscriberCpu: null,
                BrokerCpu: null,
                Spread.Of(results, result => result.CommitMilliseconds),
                results[^1].ResidentMegabytes,
                collected.ManagedMegabytes);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public async Task<ScalePoint> ThroughBrokerAsync(ScaleMode mode, int devices, double rate)
    {
        string folder = Directory.CreateTempSubdirectory("fleetmonitor-bench-").FullName;
        try
        {
            await using MosquittoServer broker = await MosquittoServer.StartAsync(folder);
            await using ServiceProcess service = await ServiceProcess.StartAsync($"{folder}/ledger", broker, AnyNumberOfDevices);
            await using ChildProcess subscriber = ChildProcess.Start(
                "/bin/sh", ["-c", $"exec mosquitto_sub -h 127.0.0.1 -p {broker.Port} -q 1 -c -i beside -t 'fleet/#' >/dev/null"]);
            await using LoadProcess client = await LoadProcess.StartAsync(broker.Port, Connections, devices, Window);
            int[] processes = [service.Id, subscriber.Id, broker.ProcessId];
            double all = (await client.RoundAsync()).Published;
            while (all < warmUpReadings)
            {
                all += (await client.FloodAsync(1)).Published;
            }

            all += (await client.PaceAsync(rate, settlingSeconds)).Published;
            await TakenAsync(service, all);
            var found = new List<(double PerSecond, double[] Cpu, double Commit)>();
            for (int slice = 0; slice < slices; slice++)
            {
                double[] before = await Quiet.WaitAsync(processes);
                ServiceMetrics metrics = await service.MetricsAsync();
                LoadResult load = await client.PaceAsync(rate, seconds);
                all += load.Published;
                ServiceMetrics after = await TakenAsync(service, all);
                double[] cpu = await Quiet.WaitAsync(processes);
                found.Add((
                    load.PerSecond,
                    [.. cpu.Zip(before, (now, then) => (now - then) * 1_000_000 / load.Published)],
                    1_000 * (after.CommitSeconds - metrics.CommitSeconds) / (after.Commits - metrics.Commits)));
            }

            return new ScalePoint(
                mode,
                ThroughBroker: true,
                devices,
                rate,
                Spread.Of(found, slice => slice.PerSecond),
                Spread.Of(found, slice => slice.Cpu[0]),
                Spread.Of(found, slice => slice.Cpu[1]),
                Spread.Of(found, slice => slice.Cpu[2]),
                Spread.Of(found, slice => slice.Commit),
                service.Usage().ResidentMegabytes,
                ManagedMegabytes: null);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Waits until the service has committed that many since its start.</summary>
    private static async Task<ServiceMetrics> TakenAsync(ServiceProcess service, double messages)
    {
        using var timeout = new CancellationTokenSource(ServiceProcess.Patience);
        while (true)
        {
            ServiceMetrics metrics = await service.MetricsAsync();
            if (metrics.Messages >= messages)
            {
                return metrics;
            }

            await Task.Delay(20, timeout.Token);
        }
    }
}
