using FleetMonitor.Benchmarks.Anomalies;

return args is ["anomalies", ..] ? AnomalyBenchmark.Run(args) : 0;
