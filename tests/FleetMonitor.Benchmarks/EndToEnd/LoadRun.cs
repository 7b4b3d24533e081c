using System.Diagnostics;
using System.Globalization;
using FleetMonitor.Benchmarks.Load;
using FleetMonitor.Benchmarks.Measuring;
using FleetMonitor.RealServers.Servers;

namespace FleetMonitor.Benchmarks.EndToEnd;

/// <summary>Runs a scenario once: every part a process of its own, measured from outside.</summary>
internal sealed class LoadRun(Scenario scenario)
{
    public const string Service = "service";
    public const string Plain = "service beside it, without InfluxDB";
    public const string Subscriber = "mosquitto_sub > /dev/null";

    private const string StoreTopic = "$SYS/broker/store/messages/count";
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<string, (int Process, ProcessUsage Last)> _processes = [];

    public async Task<RunOutcome> MeasureAsync()
    {
        string folder = Directory.CreateTempSubdirectory("fleetmonitor-bench-").FullName;
        try
        {
            await using MosquittoServer? broker = scenario.ThroughBroker ? await MosquittoServer.StartAsync(folder, "sys_interval 1") : null;
            await using InfluxdServer? influxd = scenario.WithInflux ? await InfluxdServer.StartAsync(folder) : null;
            if (influxd is not null)
            {
                await ServiceProcess.SetUpAsync(influxd);
                Watch("influxd", influxd.ProcessId);
            }

            await using ServiceProcess service = await ServiceProcess.StartAsync(
                $"{folder}/ledger", broker, influxd is null ? [] : ServiceProcess.PointsTo(influxd));
            Watch(Service, service.Id);
            await using ServiceProcess? plain = influxd is null ? null : await ServiceProcess.StartAsync($"{folder}/plain", broker);
            if (plain is not null)
            {
                Watch(Plain, plain.Id);
            }

            return await MeasureAsync(broker, service);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<RunOutcome> MeasureAsync(MosquittoServer? broker, ServiceProcess service)
    {
        await using ChildProcess? subscriber = broker is null ? null : Subscribe(broker, "-q 1 -c -i beside -t 'fleet/#' >/dev/null");
        await using ChildProcess? store = broker is null ? null : Subscribe(broker, $"-t '{StoreTopic}'");
        if (broker is not null)
        {
            Watch("mosquitto", broker.ProcessId);
            Watch(Subscriber, subscriber!.Id);
            await Task.Delay(500);
        }

        await using LoadProcess publisher = await LoadProcess.StartAsync(
            broker?.Port ?? service.ListenerPort, scenario.Connections, scenario.Rigs, window: 1_000);
        Watch("publisher", publisher.Id);

        // What the first question takes, to compile how it is answered, is no reading's.
        await service.MetricsAsync();
        long began = Stopwatch.GetTimestamp();
        Task<LoadResult> publishing = scenario.Interval == TimeSpan.Zero
            ? publisher.FloodAsync(scenario.Seconds)
            : publisher.PaceAsync(scenario.Rigs / scenario.Interval.TotalSeconds, scenario.Seconds);
        List<Moment> moments = [];
        for (int slice = 0; slice < scenario.Slices; slice++)
        {
            int until = scenario.WarmUpSeconds + (slice * scenario.SliceSeconds);
            await SampleUntilAsync(() => Stopwatch.GetElapsedTime(began).TotalSeconds >= until);
            moments.Add(await NowAsync(service));
        }

        await SampleUntilAsync(() => publishing.IsCompleted);
        LoadResult published = await publishing;
        double atEnd = (await service.MetricsAsync()).Messages;
        long ended = Stopwatch.GetTimestamp();
        double messages = published.Published;
        while ((await service.MetricsAsync()).Messages < messages)
        {
            if (Stopwatch.GetElapsedTime(ended) > ServiceProcess.Patience)
            {
                throw new TimeoutException($"Some of {messages} readings were never committed.");
            }

            await Task.Delay(20);
            Sample();
        }

        double drained = Stopwatch.GetElapsedTime(ended).TotalSeconds;
        Moment last = await NowAsync(service);
        await WaitForOtherSubscriberAsync(store);

        // The readings of the last slice cost the other processes until they had them all.
        moments.Add(last with { Usage = Usage() });
        return new RunOutcome(
            published.PerSecond,
            1_000 * last.Service.LongestCommitSeconds,
            messages - atEnd,
            store is null ? null : Stored(store).DefaultIfEmpty().Max(),
            drained,
            [.. moments.Zip(moments.Skip(1), Between)]);
    }

    private static Outcome Between(Moment before, Moment after)
    {
        double seconds = Stopwatch.GetElapsedTime(before.Timestamp, after.Timestamp).TotalSeconds;
        double readings = after.Service.Messages - before.Service.Messages;
        double commits = after.Service.Commits - before.Service.Commits;
        return new Outcome(
            readings / seconds,
            1_000 * (after.Service.CommitSeconds - before.Service.CommitSeconds) / commits,
            readings / commits,
            60 * (after.Service.PointsSent - before.Service.PointsSent) / seconds,
            [
                .. after.Usage.Select(process => (Name: process.Key, Cpu: process.Value.CpuSeconds - before.Usage[process.Key].CpuSeconds, process.Value.PeakMegabytes))
                    .Select(process => new Share(process.Name, process.Cpu * 1_000_000 / readings, 100 * process.Cpu / seconds, process.PeakMegabytes)),
            ]);
    }

    private async Task<Moment> NowAsync(ServiceProcess service)
    {
        Sample();
        return new Moment(Stopwatch.GetTimestamp(), await service.MetricsAsync(), Usage());
    }

    private Dictionary<string, ProcessUsage> Usage() => _processes.ToDictionary(process => process.Key, process => process.Value.Last);

    /// <summary>The shell becomes mosquitto_sub, so that its process id is known.</summary>
    private static ChildProcess Subscribe(MosquittoServer broker, string arguments) => ChildProcess.Start(
        "/bin/sh", ["-c", $"exec stdbuf -oL mosquitto_sub -h 127.0.0.1 -p {broker.Port} {arguments}"]);

    /// <summary>What the broker kept, looked at by itself once a second.</summary>
    private static IReadOnlyList<double> Stored(ChildProcess store) =>
    [
        .. store.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => double.Parse(line, CultureInfo.InvariantCulture)),
    ];

    /// <summary>Its processor time is for the same readings only once it has them all.</summary>
    private async Task WaitForOtherSubscriberAsync(ChildProcess? store)
    {
        for (int i = 0; i < 600 && store is not null && Stored(store) is [var first, .., var last] && last > first + 100; i++)
        {
            await Task.Delay(Step);
            Sample();
        }

        Sample();
    }

    private void Watch(string name, int process) => _processes.Add(name, (process, ProcessUsage.Living(process)));

    private void Sample()
    {
        foreach (string name in _processes.Keys)
        {
            if (ProcessUsage.Of(_processes[name].Process) is { } usage)
            {
                _processes[name] = _processes[name] with { Last = usage };
            }
        }
    }

    private async Task SampleUntilAsync(Func<bool> isDone)
    {
        while (!isDone())
        {
            await Task.Delay(Step);
            Sample();
        }
    }

}
