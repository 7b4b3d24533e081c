using FleetMonitor.Benchmarks.InProcess;
using FleetMonitor.Benchmarks.Measuring;
using FleetMonitor.Benchmarks.Reporting;
using FleetMonitor.RealServers.Servers;

namespace FleetMonitor.Benchmarks.Influx;

/// <summary><c>influx</c>: what the points of a full site take of the service, beside the same service without them; and what they take of influxd.</summary>
internal static class InfluxBenchmark
{
    private const double MostCpuSeconds = 1;
    private const int Interval = 10;
    private const int RoundsPerMinute = 60 / Interval;

    public static async Task<Markdown> RunAsync(BenchmarkOptions options)
    {
        var report = new Markdown("InfluxDB: a full site's one-minute windows", "influx", options);
        int devices = options.Size(55_000, 300);
        int minutes = options.Size(8, 1);
        string folder = Directory.CreateTempSubdirectory("fleetmonitor-bench-").FullName;
        try
        {
            await using InfluxdServer influxd = await InfluxdServer.StartAsync(folder);
            await ServiceProcess.SetUpAsync(influxd);
            DateTimeOffset start = DateTimeOffset.UtcNow.AddHours(-1);
            await using EngineProcess with = await EngineProcess.StartAsync($"{folder}/with", devices, start, [.. ServiceProcess.PointsTo(influxd)]);
            await using EngineProcess without = await EngineProcess.StartAsync($"{folder}/without", devices, start);

            // The first windows end, and have waited for late readings.
            int warmUp = options.Size(4, 3);
            EngineResult last = await with.RoundsAsync(warmUp * RoundsPerMinute, Interval);
            await without.RoundsAsync(warmUp * RoundsPerMinute, Interval);
            var cpu = new List<(double With, double Without, double Influxd, double Points)>();
            for (int minute = 0; minute < minutes; minute++)
            {
                BenchmarkOptions.Say($"  minute {minute + 1} of {minutes}");
                double before = ProcessUsage.Living(influxd.ProcessId).CpuSeconds;
                EngineResult one = await with.RoundsAsync(RoundsPerMinute, Interval);
                double store = ProcessUsage.Living(influxd.ProcessId).CpuSeconds - before;
                EngineResult other = await without.RoundsAsync(RoundsPerMinute, Interval);
                cpu.Add((one.CpuSeconds, other.CpuSeconds, store, one.PointsSent - last.PointsSent));
                last = one;
            }

            Spread points = Spread.Of(cpu, minute => minute.With - minute.Without);
            report.Goals.Add(new Goal(
                FormattableString.Invariant($"CPU of the service for the points of {devices:N0} devices, a minute of readings"), points.Median, MostCpuSeconds, "s", "F2"));
            report.Line("");
            report.Line($"{devices:N0} devices, a reading every {Interval} s, {minutes} minutes of them by a clock that goes by the readings, as fast as they are committed: once with a real influxd that");
            report.Line("gets the points (and syncs each write), once without, minute by minute in turns. The whole service but for its transports, in a process of its own;");
            report.Line("what feeds it is taken off. A minute is over when its points have left the outbox. Median of the minutes, in parentheses the least and the greatest.");
            report.Line("");
            report.Columns("a minute of readings", "CPU seconds");
            report.Row("service with points", Spread.Of(cpu, minute => minute.With).Text("F2"));
            report.Row("service without", Spread.Of(cpu, minute => minute.Without).Text("F2"));
            report.Row("difference: windows, outbox, lines, sending", points.Text("F2"));
            report.Row("influxd, apart", Spread.Of(cpu, minute => minute.Influxd).Text("F2"));
            report.Line("");
            report.Line($"Points that arrived a minute: {Spread.Of(cpu, minute => minute.Points).Text("N0")}.");
            return report;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
