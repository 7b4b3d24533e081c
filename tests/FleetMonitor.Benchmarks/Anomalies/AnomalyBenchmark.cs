namespace FleetMonitor.Benchmarks.Anomalies;

public static class AnomalyBenchmark
{
    public static int Run(string[] args)
    {
        int seed = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 1;
        Console.Write(SeriesBenchmark.Run(seed, 30));
        return 0;
    }
}
