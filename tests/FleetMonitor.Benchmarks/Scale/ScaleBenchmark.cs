using FleetMonitor.Benchmarks.Reporting;

namespace FleetMonitor.Benchmarks.Scale;

/// <summary><c>scale</c>: a thousand to a million devices, at a fixed rate and at a fixed interval; table and picture.</summary>
internal static class ScaleBenchmark
{
    private const string Picture = "scale.svg";
    private const int FixedRate = 5_000;
    private const int Interval = 10;

    /// <summary>What mosquitto carries for two subscribers with some ease, on the cores that it shares.</summary>
    private const int BrokerCarries = 20_000;

    private const int WarmUpReadings = 200_000;

    /// <summary>Up to a minute until the window of a reading is over, another until it is complete, and some seconds for those that were under way.</summary>
    private const double SettlingSeconds = 130;

    /// <summary>Flat: the dearest reading takes this much of the cheapest.</summary>
    private const double Flat = 1.25;
    private const double MostMegabytes = 1_536;
    private const double BaseMegabytes = 100;

    public static async Task<Markdown> RunAsync(BenchmarkOptions options)
    {
        var report = new Markdown("Scale: a thousand to a million devices", "scale", options);
        int[] sizes = options.Size<int[]>([1_000, 10_000, 100_000, 1_000_000], [100, 1_000]);
        var points = new List<ScalePoint>();
        foreach (ScaleMode mode in Enum.GetValues<ScaleMode>())
        {
            foreach (int devices in sizes)
            {
                double rate = mode == ScaleMode.FixedInterval ? (double)devices / Interval : options.Size(FixedRate, 500);

                // Few readings need longer to be counted in hundredths of a second.
                var measure = new ScaleMeasure(
                    options.Size(3, 1), options.Size(rate <= FixedRate ? 10.0 : 5.0, 0.5), options.Size(WarmUpReadings, 0), options.Size(SettlingSeconds, 0.5));
                if (rate <= BrokerCarries)
                {
                    BenchmarkOptions.Say($"  {Name(mode)}, {devices} devices, through mosquitto");
                    points.Add(await measure.ThroughBrokerAsync(mode, devices, rate));
                }

                BenchmarkOptions.Say($"  {Name(mode)}, {devices} devices, in process");
                points.Add(await measure.InProcessAsync(mode, devices, rate));
            }
        }

        await File.WriteAllTextAsync(options.File(Picture), ScalePicture.Draw(points));
        AddGoals(report, points);
        report.Line("");
        report.Line($"![CPU, memory and commit latency by number of devices]({Picture})");
        report.Line("");
        report.Line($"Each device has reported before what is measured, and all of them together {WarmUpReadings:N0} times; then they report for {SettlingSeconds:N0} s at the rate that");
        report.Line("is measured, until all windows of what came before are complete. *Through mosquitto*: publisher, broker, service and a mosquitto_sub as processes of their own.");
        report.Line("*In process*: the whole service but for its transports, in a process of its own, which is handed batches as a broker's connection makes them; what");
        report.Line($"feeding takes is taken off. mosquitto is asked for no more than {BrokerCarries:N0} readings a second.");
        report.Line("Median of the slices, in parentheses the least and the greatest.");
        report.Line("Memory is what is resident at the end, after few readings a device: a device that has reported for an hour holds more of its newest ones. Where");
        report.Line("devices report seldom, fewer of their readings than later have become kept blocks; they are checkpointed at the pace at which they will be.");
        foreach (ScaleMode mode in Enum.GetValues<ScaleMode>())
        {
            report.Heading(mode == ScaleMode.FixedRate ? $"At a fixed rate of {FixedRate:N0} readings a second" : $"At a fixed interval of {Interval} s");
            Write(report, [.. points.Where(point => point.Mode == mode)]);
        }

        return report;
    }

    private static string Name(ScaleMode mode) => mode == ScaleMode.FixedRate ? "fixed rate" : "fixed interval";

    private static void AddGoals(Markdown report, IReadOnlyList<ScalePoint> points)
    {
        foreach (bool throughBroker in (ReadOnlySpan<bool>)[true, false])
        {
            double[] cpu = [.. points.Where(point => point.Mode == ScaleMode.FixedRate && point.ThroughBroker == throughBroker).Select(point => point.Cpu.Median)];
            report.Goals.Add(new Goal(
                $"cost per reading at a fixed rate, {(throughBroker ? "through mosquitto" : "in process")}: the dearest number of devices against the cheapest",
                cpu.Max() / cpu.Min(),
                Flat,
                "times",
                "F2"));
        }

        ScalePoint largest = points.Where(point => !point.ThroughBroker).MaxBy(point => point.Devices)!;
        report.Goals.Add(new Goal(FormattableString.Invariant($"resident memory with {largest.Devices:N0} devices, in process"), largest.ResidentMegabytes, MostMegabytes, "MB", "N0"));
        report.Goals.Add(new Goal(
            FormattableString.Invariant($"memory of a device beyond {BaseMegabytes} MB, of {largest.Devices:N0}"),
            Math.Max(0, largest.ResidentMegabytes - BaseMegabytes) * 1_048_576 / largest.Devices,
            1_024,
            "bytes",
            "N0"));
    }

    private static void Write(Markdown report, IReadOnlyList<ScalePoint> points)
    {
        report.Columns(
            "devices", "way in", "readings per second", "service, CPU s per million", "mosquitto_sub", "mosquitto, for both", "commit, mean, ms", "resident, MB",
            "managed bytes a device");
        foreach (ScalePoint point in points)
        {
            report.Row(
                FormattableString.Invariant($"{point.Devices:N0}"),
                point.ThroughBroker ? "mosquitto" : "in process",
                point.PerSecond.Text("N0"),
                point.Cpu.Text("F2"),
                point.SubscriberCpu?.Text("F2") ?? "",
                point.BrokerCpu?.Text("F2") ?? "",
                point.CommitMilliseconds.Text("F2"),
                FormattableString.Invariant($"{point.ResidentMegabytes:N0}"),
                point.ManagedMegabytes is { } managed ? FormattableString.Invariant($"{managed * 1_048_576 / point.Devices:N0}") : "");
        }
    }
}
