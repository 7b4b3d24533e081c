using System.Diagnostics;
using System.Globalization;
using System.Text;
using FleetMonitor.Anomalies;
using FleetMonitor.Benchmarks.Measuring;

namespace FleetMonitor.Benchmarks.Anomalies;

/// <summary>
/// <c>anomalies [--seed N] [--rigs N] [--days N]</c>: a generated fleet with labelled faults, and generated series, through the detectors;
/// writes Markdown.
/// </summary>
public static class AnomalyBenchmark
{
    /// <summary>Figures are reported on this seed, and were tuned on others.</summary>
    private const int ReportingSeed = 20_261_122;

    public static async Task<int> RunAsync(string[] args)
    {
        int seed = Number(args, "--seed", ReportingSeed);
        int rigs = Number(args, "--rigs", 1000);
        int days = Number(args, "--days", 30);
        string machine = Machine.Describe();
        FleetGenerator fleet = new(seed, rigs, days);
        FleetRun run = new(fleet, seed);
        Stopwatch watch = Stopwatch.StartNew();
        FleetScoring scoring = new(fleet, run.Run());
        TimeSpan took = watch.Elapsed;
        StringBuilder report = new();
        report.AppendLine("# How well anomalies are found");
        report.AppendLine();
        report.AppendLine("Repeat with `dotnet run -c Release --project tests/FleetMonitor.Benchmarks -- anomalies`");
        report.AppendLine(CultureInfo.InvariantCulture, $"(seed {seed}; the detectors were tuned on other seeds, and share no number with the generator).");
        report.AppendLine(CultureInfo.InvariantCulture, $"Machine, at the start: {machine}.");
        report.AppendLine();
        report.AppendLine("## A generated fleet");
        report.AppendLine();
        report.AppendLine(CultureInfo.InvariantCulture, $"{rigs:N0} rigs over {days} days, a reading a minute: {run.Readings:N0} readings, generated and watched in {took.TotalSeconds:0} s");
        report.AppendLine(CultureInfo.InvariantCulture, $"on two cores, at most {2e6 * took.TotalSeconds / run.Readings:0.00} µs of CPU a reading with the generator's share in it; a device's state is {DeviceWatch.SerializedSize} bytes.");
        report.AppendLine("Weather, reboots, lost messages, planned curtailment and maintenance are in it; a power cut a site, feeders and racks that trip, phases of");
        report.AppendLine("feeders that fail, now and then a broker that forgets its session and energy that goes past the meters of the rigs. An alert of another kind on a");
        report.AppendLine("rig that has a fault counts against precision, and is no hit (but what is true of the fault, if not its name, counts neither");
        report.AppendLine("way: the register of a doubled device does fall, fewer hashes from the same power do cost J/TH). *Big enough*: a hash rate");
        report.AppendLine("15 % down, 10 % more J/TH, 12 % over nameplate, two devices 5 % apart, 3 % of a site's energy, 40 % of a phase; the tables by size go further down.");
        report.AppendLine();
        report.Append(scoring.Report());
        report.AppendLine();
        report.AppendLine(scoring.BySize(AnomalyKind.HashBelowBaseline, "hash rate lost", 0, 0.05, 0.08, 0.10, 0.12, 0.15, 0.20, 0.30, 0.60));
        report.AppendLine(scoring.BySize(AnomalyKind.EfficiencyDrift, "more J/TH", 0, 0.04, 0.06, 0.08, 0.10, 0.15, 0.30));
        report.AppendLine(scoring.BySize(AnomalyKind.OverNameplate, "over nameplate", 0, 0.08, 0.10, 0.12, 0.15, 0.40));
        report.AppendLine(scoring.BySize(AnomalyKind.DuplicateIdentity, "power of the two apart", 0, 0.04, 0.05, 0.10, 0.40));
        report.AppendLine(scoring.BySize(AnomalyKind.MeterMismatch, "share of the site's energy missing", 0, 0.02, 0.03, 0.05, 0.10));
        report.AppendLine(scoring.BySize(AnomalyKind.PhaseImbalance, "of a phase lost", 0, 0.2, 0.3, 0.4, 0.5, 0.9, 1.01));
        report.AppendLine("## What it costs");
        report.AppendLine();
        report.AppendLine(await CpuShare.RunAsync(Number(args, "--load-devices", 55_000)));
        report.AppendLine("## Control meters against devices");
        report.AppendLine();
        report.AppendLine("Hours of sites with losses that follow the weather; a share of the energy goes missing for a day.");
        report.AppendLine();
        report.AppendLine(BalanceBenchmark.Run(seed));
        report.AppendLine("## Generated series");
        report.AppendLine();
        report.AppendLine("What `detect` does on series of twelve sorts with spikes, shifts, drifts, flat lines, bursts and missing days. *Windowed*: 100");
        report.AppendLine("is perfect, 0 says nothing; early hits in a window earn more, an alarm outside costs 0.11.");
        report.AppendLine();
        report.AppendLine(SeriesBenchmark.Run(seed, Number(args, "--series", 30)));
        report.AppendLine("## By family of anomaly, beside naive detectors");
        report.AppendLine();
        report.AppendLine("Series as public benchmarks have them: one labelled anomaly each, after a part without any, on noise, daily cycles, a bounded walk and");
        report.AppendLine("waves of a heart's sort; made apart from the series above. *Precision*: flags inside the label or 30 rows after it, of all flags; *recall*:");
        report.AppendLine("labels with a flag; *area*: of true against false positive rows, by score. The naive ones flag from 3 standard deviations on, and are");
        report.AppendLine("quiet for 80 rows after, as `detect` is.");
        report.AppendLine();
        report.Append(FamilyBenchmark.Run(seed, 25));
        int output = Array.IndexOf(args, "--output");
        if (output >= 0 && output + 1 < args.Length)
        {
            File.WriteAllText(args[output + 1], report.ToString());
        }
        else
        {
            Console.Write(report);
        }

        return 0;
    }

    private static int Number(string[] args, string name, int usual)
    {
        int index = Array.IndexOf(args, name);
        return index >= 0 && index + 1 < args.Length ? int.Parse(args[index + 1], CultureInfo.InvariantCulture) : usual;
    }
}
