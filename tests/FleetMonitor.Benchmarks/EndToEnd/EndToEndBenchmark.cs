using FleetMonitor.Benchmarks.Measuring;
using FleetMonitor.Benchmarks.Reporting;

namespace FleetMonitor.Benchmarks.EndToEnd;

/// <summary><c>end-to-end</c>: publishers, broker, service, InfluxDB; how much, at what cost, and how soon it is answered.</summary>
internal static class EndToEndBenchmark
{
    /// <summary>Of what mosquitto_sub takes, flat out and at a full site's rate.</summary>
    private const double ShareFlatOut = 0.3;
    private const double SharePaced = 0.5;
    private const double LatencyBase = 10;
    private const double LatencySyncs = 4;

    public static async Task<Markdown> RunAsync(BenchmarkOptions options)
    {
        var report = new Markdown("End to end: publisher, broker, service, InfluxDB", "end-to-end", options);
        report.Line("");
        report.Line($"It needs mosquitto, mosquitto_sub and influxd. Everything shares the {Environment.ProcessorCount} cores of one machine, and talks over loopback. Each figure is the");
        report.Line("median, in parentheses the least and the greatest. A reading counts when the service has acknowledged it, which is after the fsync of");
        report.Line("its commit. Processor time is the kernel's count, from `/proc`, per reading that the service committed. Where rigs report at intervals, each");
        report.Line("has a moment of its own, as rigs do: nothing arrives in bursts, and who reads a message at a time wakes for each.");

        int rigs = options.Size(55_000, 500);
        Scenario flat = Scenario("Flat out, through mosquitto", broker: true, influx: false, options.Size(20_000, 200), flatOut: true);
        Scenario flatListener = Scenario("Flat out, into the listener", broker: false, influx: false, options.Size(20_000, 200), flatOut: true);
        Scenario site = Scenario($"{rigs:N0} rigs every 10 s, through mosquitto, with InfluxDB", broker: true, influx: true, rigs, flatOut: false);
        Scenario siteListener = Scenario($"{rigs:N0} rigs every 10 s, into the listener", broker: false, influx: false, rigs, flatOut: false);
        foreach (Scenario scenario in (Scenario[])[flat, flatListener, site, siteListener])
        {
            BenchmarkOptions.Say($"  {scenario.Name}, {scenario.Seconds} s");
            RunOutcome run = await new LoadRun(scenario).MeasureAsync();
            ScenarioReport.Write(report, scenario, run);
            if (scenario.ThroughBroker)
            {
                report.Goals.Add(ShareOfSubscriber(scenario, run));
            }
        }

        BenchmarkOptions.Say("  publish to acknowledgement");
        LatencyOutcome latency = await LatencyOutcome.MeasureAsync(
            slices: options.Size(3, 1), idleSeconds: options.Size(5, 1), loadedSeconds: options.Size(6.0, 0.5), devices: options.Size(20_000, 200));
        ScenarioReport.Write(report, latency);
        report.Goals.Add(new Goal(
            "publish to acknowledgement, 99 %, at 5,000 readings/s, against 10 ms plus four median fsyncs",
            Spread.Of(latency.Loaded, slice => slice.Percentile99).Median,
            LatencyBase + (LatencySyncs * latency.Syncs.Median),
            "ms",
            "F1"));
        return report;

        Scenario Scenario(string name, bool broker, bool influx, int count, bool flatOut) => new(
            name,
            broker,
            influx,
            count,
            flatOut ? TimeSpan.Zero : TimeSpan.FromSeconds(10),
            Connections: flatOut ? 8 : 50,
            WarmUpSeconds: options.Size(influx ? 130 : 60, 1),
            SliceSeconds: options.Size(influx ? 60 : 12, 1),
            Slices: options.Size(3, 1));
    }

    private static Goal ShareOfSubscriber(Scenario scenario, RunOutcome run)
    {
        double share = scenario.Interval == TimeSpan.Zero ? ShareFlatOut : SharePaced;
        return new Goal(
            $"{char.ToLowerInvariant(scenario.Name[0])}{scenario.Name[1..]}: CPU of the service per reading, as a share of mosquitto_sub's",
            Spread.Of(run.Slices, slice => slice.CpuOf(LoadRun.Service) / slice.CpuOf(LoadRun.Subscriber)).Median,
            share,
            "",
            "F2");
    }
}
