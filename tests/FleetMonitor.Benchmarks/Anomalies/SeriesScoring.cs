namespace FleetMonitor.Benchmarks.Anomalies;

/// <summary>One series as a detector saw it.</summary>
internal sealed record ScoredSeries(LabelledSeries Series, double[] Scores, bool[] Flags);

/// <summary>
/// Two ways in which detectors are scored in public. Windowed: one early detection inside a window around each anomaly earns up to 1, a
/// missed window costs 1, a detection outside costs up to 0.11; 0 is a detector that says nothing, 100 a perfect one (Lavin and Ahmad,
/// 2015). Point-wise: the area under the curve of true against false positive rows, and the average precision.
/// </summary>
internal static class SeriesScoring
{
    private const double FalseAlarm = 0.11;
    private const double WindowShare = 0.10;
    private const double ProbationShare = 0.15;
    private const int ProbationMost = 750;

    public static double Windowed(IReadOnlyList<ScoredSeries> all, Func<ScoredSeries, int, bool> detects)
    {
        double sum = 0;
        double perfect = 0;
        double silent = 0;
        foreach (ScoredSeries scored in all)
        {
            sum += Windowed(scored, row => detects(scored, row));
            perfect += scored.Series.Anomalies.Count;
            silent -= scored.Series.Anomalies.Count;
        }

        return 100 * (sum - silent) / (perfect - silent);
    }

    /// <summary>The best that one threshold over all series reaches.</summary>
    public static (double Score, double Threshold) BestThreshold(IReadOnlyList<ScoredSeries> all)
    {
        (double Score, double Threshold) best = (0, 1);
        for (double threshold = 0.2; threshold < 1; threshold += 0.02)
        {
            double score = Windowed(all, (series, row) => series.Scores[row] >= threshold);
            if (score > best.Score)
            {
                best = (score, threshold);
            }
        }

        return best;
    }

    public static (double Area, double Precision) PointWise(ScoredSeries scored)
    {
        int rows = scored.Scores.Length;
        bool[] bad = new bool[rows];
        foreach ((int from, int to) in scored.Series.Anomalies)
        {
            Array.Fill(bad, true, from, Math.Min(to, rows) - from);
        }

        int[] order = [.. Enumerable.Range(0, rows).OrderByDescending(i => scored.Scores[i])];
        double positives = bad.Count(b => b);
        double negatives = rows - positives;
        double hits = 0;
        double area = 0;
        double precision = 0;
        for (int i = 0; i < rows; i++)
        {
            if (bad[order[i]])
            {
                hits++;
                precision += hits / (i + 1) / positives;
            }
            else
            {
                area += hits / positives / negatives;
            }
        }

        return (area, precision);
    }

    private static double Windowed(ScoredSeries scored, Func<int, bool> detects)
    {
        int rows = scored.Scores.Length;
        int width = (int)(rows * WindowShare / scored.Series.Anomalies.Count);
        List<(int From, int To)> windows =
            [.. scored.Series.Anomalies.Select(a => (Math.Max(0, a.From - (width / 2)), Math.Min(rows, a.From + (width / 2))))];
        bool[] seen = new bool[windows.Count];
        int probation = (int)Math.Min(ProbationShare * rows, ProbationMost);
        double score = 0;
        for (int row = probation; row < rows; row++)
        {
            if (!detects(row))
            {
                continue;
            }

            int inside = windows.FindIndex(w => row >= w.From && row < w.To);
            if (inside >= 0)
            {
                if (!seen[inside])
                {
                    seen[inside] = true;
                    double position = -1 + ((double)(row - windows[inside].From) / (windows[inside].To - windows[inside].From));
                    score += Sigmoid(position) / Sigmoid(-1);
                }

                continue;
            }

            int before = windows.FindLastIndex(w => row >= w.To);
            double distance = before < 0 ? 1 : (double)(row - windows[before].To + 1) / width;
            score += FalseAlarm * (distance > 3 ? -1 : Sigmoid(distance));
        }

        return score - seen.Count(s => !s);
    }

    private static double Sigmoid(double position) => (2 / (1 + Math.Exp(5 * position))) - 1;
}
