using FleetMonitor.Benchmarks.Anomalies;
using FleetMonitor.Benchmarks.EndToEnd;

return args switch
{
    ["anomalies", ..] => AnomalyBenchmark.Run(args),
    ["end-to-end", .. var options] => await EndToEndBenchmark.RunAsync(options),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("Say which: anomalies, end-to-end.");
    return 2;
}
