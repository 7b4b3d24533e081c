using System.Globalization;
using System.Text;

namespace FleetMonitor.Benchmarks.Anomalies;

/// <summary>The series detector beside naive ones, by family of anomaly: flags found and false, and the area under the curve of its scores.</summary>
internal static class FamilyBenchmark
{
    /// <summary>A flag so many rows after the end of an anomaly is still about it: its end is a change as well.</summary>
    private const int GraceRows = 30;

    public static string Run(int seed, int perGround)
    {
        LabelledSeries[] all = [.. FamilyCorpus.Generate(seed, perGround)];
        (string Name, Func<LabelledSeries, ScoredSeries> Score)[] detectors =
            [("`detect`", SeriesBenchmark.Score), ("EWMA, 3 σ", NaiveDetectors.Ewma), ("rolling z, 3 σ", NaiveDetectors.RollingZ)];
        ScoredSeries[][] scored = [.. detectors.Select(detector => all.Select(detector.Score).ToArray())];
        StringBuilder report = new();
        report.AppendLine("| family | series |" + string.Concat(detectors.Select(detector => $" {detector.Name}: precision | recall | area |")));
        report.AppendLine("| --- | --- |" + string.Concat(detectors.Select(_ => " --- | --- | --- |")));
        foreach (string family in FamilyCorpus.Families)
        {
            report.AppendLine(Row(family, scored, series => series.Series.Kind == family));
        }

        report.AppendLine(Row("**all**", scored, _ => true));
        return report.ToString();
    }

    private static string Row(string name, ScoredSeries[][] detectors, Func<ScoredSeries, bool> belongs)
    {
        StringBuilder row = new();
        row.Append(CultureInfo.InvariantCulture, $"| {name} | {detectors[0].Count(belongs)} |");
        foreach (ScoredSeries[] detector in detectors)
        {
            ScoredSeries[] own = [.. detector.Where(belongs)];
            int found = own.Count(series => Enumerable.Range(0, series.Flags.Length).Any(i => series.Flags[i] && IsAbout(series, i)));
            int about = own.Sum(series => Enumerable.Range(0, series.Flags.Length).Count(i => series.Flags[i] && IsAbout(series, i)));
            int flags = own.Sum(series => series.Flags.Count(flag => flag));
            double area = own.Average(series => SeriesScoring.PointWise(series).Area);
            row.Append(CultureInfo.InvariantCulture, $" {(double)about / Math.Max(1, flags):0.00} | {(double)found / own.Length:0.00} | {area:0.000} |");
        }

        return row.ToString();
    }

    private static bool IsAbout(ScoredSeries series, int row) => series.Series.Anomalies.Any(a => row >= a.From && row < a.To + GraceRows);
}
