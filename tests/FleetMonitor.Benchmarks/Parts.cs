using FleetMonitor.Benchmarks.Anomalies;
using FleetMonitor.Benchmarks.Baselines;
using FleetMonitor.Benchmarks.EndToEnd;
using FleetMonitor.Benchmarks.Finance;
using FleetMonitor.Benchmarks.Influx;
using FleetMonitor.Benchmarks.Listener;
using FleetMonitor.Benchmarks.Memory;
using FleetMonitor.Benchmarks.Scale;
using FleetMonitor.Benchmarks.Store;

namespace FleetMonitor.Benchmarks;

/// <summary>All that is measured, in the order in which it is run.</summary>
internal static class Parts
{
    public static readonly IReadOnlyList<Part> All =
    [
        Part.Reporting("end-to-end", "publisher, broker, service, InfluxDB: throughput, cost, latency", EndToEndBenchmark.RunAsync),
        Part.Reporting("listener", "a connection for each rig, beside mosquitto", ListenerBenchmark.RunAsync),
        Part.Reporting("store", "bytes and syncs, kept readings, start after a crash", StoreBenchmark.RunAsync),
        Part.Reporting("influx", "a full site's one-minute windows", InfluxBenchmark.RunAsync),
        Part.Reporting("baselines", "naive decoding, a commit for each message", BaselineBenchmark.RunAsync),
        Part.Reporting("scale", "a thousand to a million devices", ScaleBenchmark.RunAsync),
        new(MemoryBenchmark.Command, "what a device takes", ["--devices", "--interval", "--minutes"], MemoryAsync),
        new("finance", "totals, closing, verifying", ["--devices", "--days"], FinanceAsync),
        new("anomalies", "how well anomalies are found, and what it costs", ["--seed", "--rigs", "--days"], AnomaliesAsync),
    ];

    private static async Task MemoryAsync(BenchmarkOptions options)
    {
        string[] size = options.Quick ? ["--devices", "1000", "--minutes", "1"] : [];
        await MemoryBenchmark.RunAsync([.. Given(options), .. size, "--output", options.File("memory.md")]);
    }

    private static async Task FinanceAsync(BenchmarkOptions options)
    {
        string[] size = options.Quick ? ["--devices", "160", "--days", "1"] : [];
        await FinanceBenchmark.RunAsync([.. Given(options), .. size, "--output", options.File("finance.md")]);
    }

    private static async Task AnomaliesAsync(BenchmarkOptions options)
    {
        // A fleet too small has no rig for some of the faults.
        string[] size = options.Quick ? ["--rigs", "100", "--days", "2", "--load-devices", "500", "--series", "2"] : [];
        await AnomalyBenchmark.RunAsync([.. Given(options), .. size, "--output", options.File("anomalies.md")]);
    }

    private static IEnumerable<string> Given(BenchmarkOptions options) => options.Own.SelectMany(own => (string[])[own.Key, own.Value]);
}
