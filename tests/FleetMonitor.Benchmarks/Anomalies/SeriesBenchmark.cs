using System.Globalization;
using System.Text;
using FleetMonitor.Anomalies.Series;

namespace FleetMonitor.Benchmarks.Anomalies;

/// <summary>Scores the series detector on generated series.</summary>
internal static class SeriesBenchmark
{
    /// <summary><c>series [seed]</c>: the tables of generated series alone.</summary>
    public static int Print(string[] args)
    {
        int seed = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 1;
        Console.WriteLine(Run(seed, 30));
        Console.Write(FamilyBenchmark.Run(seed, 25));
        return 0;
    }

    public static string Run(int seed, int perKind)
    {
        StringBuilder report = new();
        List<ScoredSeries> all = [.. SeriesCorpus.Generate(seed, perKind).Select(Score)];
        report.AppendLine("| series | windowed, flags | windowed, best threshold | row area | row precision | flags in windows | flags outside |");
        report.AppendLine("| --- | --- | --- | --- | --- | --- | --- |");
        foreach (IGrouping<string, ScoredSeries> kind in all.GroupBy(scored => scored.Series.Kind))
        {
            Append(report, kind.Key, [.. kind]);
        }

        Append(report, "all", all);
        return report.ToString();
    }

    private static void Append(StringBuilder report, string name, IReadOnlyList<ScoredSeries> all)
    {
        (double best, double threshold) = SeriesScoring.BestThreshold(all);
        double flags = SeriesScoring.Windowed(all, (series, row) => series.Flags[row]);
        (double Area, double Precision)[] rows = [.. all.Select(SeriesScoring.PointWise)];
        int hits = all.Sum(s => s.Series.Anomalies.Count(a => Enumerable.Range(a.From, Math.Min(60, s.Flags.Length - a.From)).Any(i => s.Flags[i])));
        int windows = all.Sum(s => s.Series.Anomalies.Count);
        int raised = all.Sum(s => s.Flags.Count(f => f));
        report.AppendLine(CultureInfo.InvariantCulture,
            $"| {name} | {flags:0.0} | {best:0.0} (at {threshold:0.00}) | {rows.Average(r => r.Area):0.000} | {rows.Average(r => r.Precision):0.000} | {hits} of {windows} | {raised - hits} |");
    }

    public static ScoredSeries Score(LabelledSeries series)
    {
        SeriesDetector detector = new();
        double[] scores = new double[series.Values.Length];
        bool[] flags = new bool[series.Values.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            (scores[i], flags[i]) = detector.Observe(i * series.IntervalSeconds, series.Values[i]);
        }

        return new ScoredSeries(series, scores, flags);
    }
}
