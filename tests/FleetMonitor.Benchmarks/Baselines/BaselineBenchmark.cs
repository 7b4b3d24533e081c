using FleetMonitor.Benchmarks.InProcess;
using FleetMonitor.Benchmarks.Measuring;
using FleetMonitor.Benchmarks.Reporting;

namespace FleetMonitor.Benchmarks.Baselines;

/// <summary><c>baselines</c>: naive decoding and a naive commit for each message, beside what the service does.</summary>
internal static class BaselineBenchmark
{
    private const int Devices = 1_000;

    public static async Task<Markdown> RunAsync(BenchmarkOptions options)
    {
        var report = new Markdown("Baselines: naive decoding, a commit for each message", "baselines", options);
        Decode(report, options);
        await CommitAsync(report, options);
        return report;
    }

    private static void Decode(Markdown report, BenchmarkOptions options)
    {
        BenchmarkOptions.Say("  decoding");
        var comparison = new DecodeComparison(options.Size(50_000, 500));
        comparison.Check();
        (IReadOnlyList<DecodeCost> ours, IReadOnlyList<DecodeCost> naive) = comparison.Measure(options.Size(9, 1), options.Size(6, 0));
        report.Heading("Decoding");
        report.Line($"Native JSON of {comparison.PayloadBytes:F0} bytes, topic and payload to a reading, on one thread, in turns; both find the same in each of the messages. *Naive* is");
        report.Line("System.Text.Json's `JsonDocument`, a string for the topic, `DateTimeOffset.Parse` and decimals. It checks nothing; the service's decoder takes any");
        report.Line("bytes, by profiles that are data, and says what is wrong where. Median of the turns, in parentheses the least and the greatest.");
        report.Line("");
        report.Columns("", "CPU, ns a message (= ms per million)", "allocated, bytes a message");
        Row("service", ours);
        Row("naive", naive);
        report.Line("");
        report.Line($"Naive takes **{Ratio(naive, ours, cost => cost.Nanoseconds):F1} times** the processor time.");

        void Row(string who, IReadOnlyList<DecodeCost> costs) =>
            report.Row(who, Spread.Of(costs, cost => cost.Nanoseconds).Text("N0"), Spread.Of(costs, cost => cost.Bytes).Text("N0"));
    }

    private static async Task CommitAsync(Markdown report, BenchmarkOptions options)
    {
        string folder = Directory.CreateTempSubdirectory("fleetmonitor-bench-").FullName;
        try
        {
            int turns = options.Size(5, 1);
            double seconds = options.Size(2, 0.2);
            int rounds = options.Size(100, 2);
            List<ConsumeCost> naive = [];
            List<ConsumeCost> single = [];
            List<ConsumeCost> group = [];
            double perCommit = 0;
            using (var consumer = new NaiveConsumer(Path.Combine(folder, "naive.db")))
            {
                await using EngineProcess one = await EngineProcess.StartAsync($"{folder}/single", Devices, null);
                await using EngineProcess many = await EngineProcess.StartAsync($"{folder}/group", Devices, DateTimeOffset.UtcNow.AddHours(-3));
                for (int turn = -1; turn < turns; turn++)
                {
                    BenchmarkOptions.Say($"  committing, turn {turn + 1} of {turns}");
                    ConsumeCost cost = consumer.Take(seconds, Devices);
                    EngineResult alone = await one.OneByOneAsync(seconds);
                    EngineResult together = await many.RoundsAsync(rounds, 10);
                    if (turn >= 0)
                    {
                        naive.Add(cost);
                        single.Add(new ConsumeCost(alone.PerSecond, alone.CpuSecondsPerMillion));
                        group.Add(new ConsumeCost(together.PerSecond, together.CpuSecondsPerMillion));
                        perCommit = together.Readings / together.Commits;
                    }
                }
            }

            report.Heading("Committing");
            report.Line($"{Devices:N0} devices, SQLite with write-ahead log and a sync for each commit, on one disk, in turns. *Naive*: `JsonDocument`, and one transaction for each");
            report.Line("message that keeps the reading and adds up energy. The service does all of its work (decode, meter, accrue, watch, evidence), fed in process: first");
            report.Line($"each reading committed before the next is handed over, then as its sources hand them over ({perCommit:N0} readings to a commit here).");
            report.Line("");
            report.Columns("", "readings per second", "CPU seconds per million readings");
            Row("naive, a commit for each message", naive);
            Row("service, a commit for each message", single);
            Row("service, group commit", group);
            report.Line("");
            report.Line($"Naive takes **{Ratio(naive, group, cost => cost.CpuSecondsPerMillion):F0} times** the processor time of the service for a reading, and the service commits **{Ratio(group, naive, cost => cost.PerSecond):F0} times** as many a second.");

            void Row(string who, IReadOnlyList<ConsumeCost> costs) =>
                report.Row(who, Spread.Of(costs, cost => cost.PerSecond).Text("N0"), Spread.Of(costs, cost => cost.CpuSecondsPerMillion).Text("F1"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static double Ratio<T>(IReadOnlyList<T> these, IReadOnlyList<T> those, Func<T, double> figure) =>
        Spread.Of(these, figure).Median / Spread.Of(those, figure).Median;
}
