using FleetMonitor.Benchmarks;
using FleetMonitor.Benchmarks.Anomalies;
using FleetMonitor.Benchmarks.InProcess;
using FleetMonitor.Benchmarks.Load;
using FleetMonitor.Benchmarks.Memory;

return args switch
{
    ["series", ..] => SeriesBenchmark.Print(args),

    // What the parts run as processes of their own.
    [LoadClient.Command, .. var options] => LoadClient.Run(options),
    [AcknowledgeOnly.Command, var port, .. var file] => AcknowledgeOnly.Run(port, file.FirstOrDefault()),
    [EngineChild.Command, .. var options] => await EngineChild.RunAsync(options),
    [MemoryBenchmark.Command, MemoryBenchmark.Here, ..] => await MemoryBenchmark.RunAsync(args[1..]),

    _ => await PartRunner.RunAsync(args),
};
