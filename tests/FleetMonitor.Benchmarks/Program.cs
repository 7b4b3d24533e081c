using FleetMonitor.Benchmarks.Anomalies;
using FleetMonitor.Benchmarks.EndToEnd;
using FleetMonitor.Benchmarks.Finance;
using FleetMonitor.Benchmarks.Memory;

return args switch
{
    ["anomalies", ..] => await AnomalyBenchmark.RunAsync(args),
    ["series", ..] => SeriesBenchmark.Print(args),
    ["end-to-end", .. var options] => await EndToEndBenchmark.RunAsync(options),
    ["finance", .. var options] => await FinanceBenchmark.RunAsync(options),
    ["memory", .. var options] => await MemoryBenchmark.RunAsync(options),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("Say which: anomalies, series, end-to-end, finance, memory.");
    return 2;
}
