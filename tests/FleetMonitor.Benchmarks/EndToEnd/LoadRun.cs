using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using FleetMonitor.RealServers.Servers;

namespace FleetMonitor.Benchmarks.EndToEnd;

/// <summary>Runs a scenario once: every part a process of its own, measured from outside.</summary>
internal sealed partial class LoadRun(Scenario scenario)
{
    private const string StoreTopic = "$SYS/broker/store/messages/count";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private static readonly string Binary = Path.Combine(AppContext.BaseDirectory, "fleetmonitor");

    private readonly HttpClient _http = new();
    private readonly Dictionary<string, (int Process, ProcessUsage Before, ProcessUsage Last)> _processes = [];

    public async Task<Outcome> MeasureAsync()
    {
        string folder = Directory.CreateTempSubdirectory("fleetmonitor-bench-").FullName;
        try
        {
            if (!scenario.ThroughBroker)
            {
                return await MeasureAsync(folder, null);
            }

            await using MosquittoServer broker = await MosquittoServer.StartAsync(folder, "sys_interval 1");
            return await MeasureAsync(folder, broker);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<Outcome> MeasureAsync(string folder, MosquittoServer? broker)
    {
        var api = new Uri($"http://127.0.0.1:{LoopbackPort.Free()}");
        int port = broker?.Port ?? LoopbackPort.Free();
        string source = broker is null ? $"Mqtt:Listener:Port={port}" : $"Mqtt:Subscriber:Brokers:0=mqtt://{broker.Address}";
        await using ChildProcess service = ChildProcess.Start(
            Binary,
            ["run", "--set", $"Ledger:Directory={folder}/ledger", "--set", $"Http:Url={api}", "--set", source, "--set", "Log:Format=text"]);
        await service.WaitForAsync(broker is null ? "FleetMonitor serves" : "Connected to", Patience);
        Watch("service", service.Id);

        await using ChildProcess? subscriber = broker is null ? null : Subscribe(broker, "-q 1 -c -i beside -t 'fleet/#' >/dev/null");
        await using ChildProcess? store = broker is null ? null : Subscribe(broker, $"-t '{StoreTopic}'");
        if (broker is not null)
        {
            Watch("mosquitto", broker.ProcessId);
            Watch("mosquitto_sub > /dev/null", subscriber!.Id);
            await Task.Delay(500);
        }

        long began = Stopwatch.GetTimestamp();
        await using ChildProcess publisher = ChildProcess.Start(
            Binary,
            [
                "simulate", "--broker", $"127.0.0.1:{port}", "--rigs", Text(scenario.Rigs), "--connections", Text(scenario.Connections),
                "--interval", Text(scenario.Interval.TotalSeconds), "--duration", $"{scenario.Seconds}s",
            ]);
        Watch("publisher", publisher.Id);
        await SampleUntilAsync(() => Stopwatch.GetElapsedTime(began).TotalSeconds >= scenario.WarmUpSeconds);
        ServiceMetrics before = await ServiceMetrics.ReadAsync(_http, api);
        long measured = Stopwatch.GetTimestamp();
        foreach (string name in _processes.Keys)
        {
            _processes[name] = _processes[name] with { Before = _processes[name].Last };
        }

        await SampleUntilAsync(() => publisher.HasExited);
        ServiceMetrics atEnd = await ServiceMetrics.ReadAsync(_http, api);
        long ended = Stopwatch.GetTimestamp();
        ChildResult published = await publisher.EndAsync(Patience);
        if (published.ExitCode != 0)
        {
            throw new InvalidOperationException($"simulate: {published.Errors}");
        }

        Match summary = SummaryPattern().Match(published.Errors);
        double messages = double.Parse(summary.Groups["messages"].Value, CultureInfo.InvariantCulture);
        ServiceMetrics after = atEnd;
        while (after.Messages < messages)
        {
            if (Stopwatch.GetElapsedTime(ended) > Patience)
            {
                throw new TimeoutException($"{messages - after.Messages} readings were never committed.");
            }

            await Task.Delay(20);
            Sample();
            after = await ServiceMetrics.ReadAsync(_http, api);
        }

        double seconds = Stopwatch.GetElapsedTime(measured).TotalSeconds;
        double drained = Stopwatch.GetElapsedTime(ended).TotalSeconds;
        double readings = after.Messages - before.Messages;
        await WaitForOtherSubscriberAsync(store);
        return new Outcome(
            readings,
            readings / seconds,
            double.Parse(summary.Groups["rate"].Value, CultureInfo.InvariantCulture),
            messages - atEnd.Messages,
            store is null ? null : Stored(store).Max(),
            drained,
            1_000 * (after.CommitSeconds - before.CommitSeconds) / (after.Commits - before.Commits),
            1_000 * after.LongestCommitSeconds,
            readings / (after.Commits - before.Commits),
            [
                .. _processes.Select(process => new Share(
                    process.Key,
                    (process.Value.Last.CpuSeconds - process.Value.Before.CpuSeconds) * 1_000_000 / readings,
                    100 * (process.Value.Last.CpuSeconds - process.Value.Before.CpuSeconds) / seconds,
                    process.Value.Last.PeakMegabytes)),
            ]);
    }

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

    private void Watch(string name, int process)
    {
        ProcessUsage usage = ProcessUsage.Of(process) ?? default;
        _processes.Add(name, (process, usage, usage));
    }

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

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(?<messages>\d+) messages, .*, (?<rate>\d+) messages/s")]
    private static partial Regex SummaryPattern();
}
