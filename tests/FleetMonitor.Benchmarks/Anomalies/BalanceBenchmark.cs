using System.Globalization;
using System.Text;
using FleetMonitor.Anomalies;
using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Benchmarks.Anomalies;

/// <summary>Sites whose control meter and devices drift apart for a day in a month, by how much.</summary>
internal static class BalanceBenchmark
{
    private const int Sites = 60;
    private const int Hours = 30 * 24;
    private static readonly double[] Shares = [0, 0.01, 0.02, 0.03, 0.05, 0.10];

    public static string Run(int seed)
    {
        StringBuilder report = new();
        report.AppendLine("| share missing | sites | found | hours to detect, median | false alerts per site and month |");
        report.AppendLine("| --- | --- | --- | --- | --- |");
        foreach (double share in Shares)
        {
            List<int> delays = [];
            int wrong = 0;
            for (int site = 0; site < Sites; site++)
            {
                Random random = new(unchecked((seed * 17) + site + (int)(share * 1e6)));
                (int? delay, int others) = Month(random, share);
                wrong += others;
                if (delay is { } hours)
                {
                    delays.Add(hours);
                }
            }

            delays.Sort();
            string median = delays.Count == 0 ? "" : delays[delays.Count / 2].ToString(CultureInfo.InvariantCulture);
            report.AppendLine(
                CultureInfo.InvariantCulture,
                $"| {share:P0} | {Sites} | {(share == 0 ? "" : $"{(double)delays.Count / Sites:P0}")} | {median} | {(double)wrong / Sites:0.00} |");
        }

        return report.ToString();
    }

    private static (int? Delay, int Others) Month(Random random, double share)
    {
        MeterBalance balance = new("site", new StakeLevels());
        List<AnomalyChange> changes = [];
        double losses = 0.01 + (0.04 * random.NextDouble());
        double noise = 0.0005 + (0.002 * random.NextDouble());
        int from = 100 + random.Next(Hours - 200);
        int? delay = null;
        int others = 0;
        for (int hour = 0; hour < Hours; hour++)
        {
            double load = 500_000 * (0.8 + (0.2 * random.NextDouble()));
            double weather = 0.002 * Math.Sin(2 * Math.PI * hour / 24);
            double missing = hour >= from && hour < from + 24 ? share : 0;
            double seen = 1 - losses - weather - missing + (noise * ((2 * random.NextDouble()) - 1));
            balance.Observe(
                FleetRun.At(hour * 60), Energy.FromWattHours((decimal)load), Energy.FromWattHours((decimal)(load * seen)),
                TimeSpan.FromHours(1), 2m, changes);
            foreach (AnomalyChange _ in changes.Where(change => change.Type == AnomalyChangeType.Raised))
            {
                if (missing > 0)
                {
                    delay ??= hour - from + 1;
                }
                else
                {
                    others++;
                }
            }

            changes.Clear();
        }

        return (delay, others);
    }
}
