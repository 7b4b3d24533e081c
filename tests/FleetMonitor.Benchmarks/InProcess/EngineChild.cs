using System.Diagnostics;
using System.Globalization;
using FleetMonitor.Benchmarks.Measuring;
using FleetMonitor.Fleet.Units;
using FleetMonitor.RealServers.Servers;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Influx;
using FleetMonitor.Service.Pipeline;
using Microsoft.Extensions.Configuration;

namespace FleetMonitor.Benchmarks.InProcess;

/// <summary>
/// <c>in-process DEVICES START [SECTION:KEY=VALUE…]</c>: the whole service but for its transports, in a process of its own, fed as it is told on stdin:
/// <c>rounds COUNT STEP</c>, <c>pace RATE SECONDS</c>, <c>one-by-one SECONDS</c>, or nothing but <c>collect</c> garbage. START is when a clock that goes by the rounds begins, in Unix
/// milliseconds; 0 for the real one. Each is answered with what it took (<see cref="EngineResult"/>) once the points have left too.
/// </summary>
internal static class EngineChild
{
    public const string Command = "in-process";

    public static async Task<int> RunAsync(string[] arguments)
    {
        int devices = int.Parse(arguments[0], CultureInfo.InvariantCulture);
        long start = long.Parse(arguments[1], CultureInfo.InvariantCulture);
        SteppedClock? clock = start > 0 ? new SteppedClock(DateTimeOffset.FromUnixTimeMilliseconds(start)) : null;
        SettingsResult read = SettingsFile.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(
            arguments[2..].Select(setting => setting.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1])))
        {
            ["Http:Url"] = $"http://127.0.0.1:{LoopbackPort.Free()}",
            ["Mqtt:Listener:Port"] = LoopbackPort.Free().ToString(CultureInfo.InvariantCulture),
            ["Log:Level"] = "Warning",
        }).Build());
        if (read.Problems.Count > 0)
        {
            throw new InvalidOperationException(string.Join('\n', read.Problems));
        }

        using var stop = new CancellationTokenSource();
        return await ServiceHost.RunAsync(
            read.Settings,
            SiteFiles.Load(read.Settings).Files!,
            clock ?? TimeProvider.System,
            (context, _) => Task.Factory.StartNew(
                () => Obey(context.Engine, clock, devices, stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default),
            stop.Token);
    }

    /// <summary>One thread, which is the feeder's alone.</summary>
    private static void Obey(Engine engine, SteppedClock? clock, int devices, CancellationTokenSource stop)
    {
        var feeder = new EngineFeeder(engine, clock, devices);
        Console.WriteLine("ready");
        while (Console.ReadLine() is { } line)
        {
            Console.WriteLine($"done {Phase(engine, feeder, line.Split(' '))}");
        }

        stop.Cancel();
    }

    private static string Phase(Engine engine, EngineFeeder feeder, string[] words)
    {
        PipelineCounters counters = engine.Counters;
        double Value(int index) => double.Parse(words[index], CultureInfo.InvariantCulture);
        (long readings, long commits, double committing) = (counters.Readings, counters.Commits, counters.CommitSeconds);
        (double received, double own, double cpu) = (feeder.Received, ThreadCpu.Seconds(), Environment.CpuUsage.TotalTime.TotalSeconds);
        double written = ProcessUsage.WrittenBytes(Environment.ProcessId);
        counters.LongestCommitSeconds = 0;
        long began = Stopwatch.GetTimestamp();
        switch (words[0])
        {
            case "rounds":
                feeder.Rounds((int)Value(1), TimeSpan.FromSeconds(Value(2)));
                break;
            case "one-by-one":
                feeder.OneByOne(Value(1));
                break;
            case "pace":
                feeder.Pace(Value(1), Value(2));
                break;
            default:
                GC.Collect();
                break;
        }

        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        while (engine.Projection is InfluxProjection { Gauge.Entries: > 0 })
        {
            Thread.Sleep(10);
        }

        double feeding = ThreadCpu.Seconds() - own - (feeder.Received - received);
        cpu = Environment.CpuUsage.TotalTime.TotalSeconds - cpu - feeding;
        written = ProcessUsage.WrittenBytes(Environment.ProcessId) - written;
        return new EngineResult(
            counters.Readings - readings,
            seconds,
            cpu,
            counters.Commits - commits,
            counters.CommitSeconds - committing,
            counters.LongestCommitSeconds,
            written,
            ProcessUsage.Living(Environment.ProcessId).ResidentMegabytes,
            GC.GetTotalMemory(forceFullCollection: false) / 1_048_576.0,
            engine.Projection is InfluxProjection points ? points.Gauge.Status.Sent : 0).ToString();
    }
}
