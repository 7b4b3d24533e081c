using FleetMonitor.Benchmarks.Measuring;
using FleetMonitor.Benchmarks.Reporting;

namespace FleetMonitor.Benchmarks.EndToEnd;

/// <summary><c>end-to-end</c>: publishers, broker, service, InfluxDB; how much, at what cost, and how soon it is answered.</summary>
internal static class EndToEndBenchmark
{
    /// <summary>Of what mosquitto_sub takes, flat out and at a full site's rate.</summary>
    private const double ShareFlatOut = 0.3;
    private const double SharePaced = 0.5;

    /// <summary>Readings settle after a minute, and what that takes is compiled in the minute after.</summary>
    private const int WarmUpSeconds = 130;
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
        int topics = options.Size(10_000, 100);
        Scenario flat = Scenario("Flat out, through mosquitto", broker: true, influx: false, topics, TimeSpan.Zero);
        Scenario flatListener = Scenario("Flat out, into the listener", broker: false, influx: false, topics, TimeSpan.Zero);
        Scenario site = Scenario($"{rigs:N0} rigs every 10 s, through mosquitto, with InfluxDB", broker: true, influx: true, rigs, TimeSpan.FromSeconds(10));
        // As many readings: so often, that within the time measured each rig's readings are cut into blocks and its state is written again and again.
        Scenario often = Scenario(
            $"{topics:N0} rigs as many readings, through mosquitto", broker: true, influx: false, topics, TimeSpan.FromSeconds(10.0 * topics / rigs));
        foreach (Scenario scenario in (Scenario[])[flat, flatListener, site, often])
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

        Scenario Scenario(string name, bool broker, bool influx, int count, TimeSpan interval) => new(
            name,
            broker,
            influx,
            count,
            interval,
            Connections: interval == TimeSpan.Zero ? 8 : 50,
            WarmUpSeconds: options.Size(WarmUpSeconds, 1),
            SliceSeconds: options.Size(influx ? 60 : interval == TimeSpan.Zero ? 12 : 30, 1),
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
