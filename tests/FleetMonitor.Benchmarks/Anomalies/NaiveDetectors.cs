namespace FleetMonitor.Benchmarks.Anomalies;

/// <summary>What anybody would write first: to show what more is worth. Their flags are thinned as those of the detector are.</summary>
internal static class NaiveDetectors
{
    private const double Sigmas = 3;
    private const double Alpha = 0.02;
    private const int Window = 100;
    private const int Probation = 200;
    private const int Refractory = 80;

    /// <summary>Distance from an exponentially weighted mean, in exponentially weighted standard deviations.</summary>
    public static ScoredSeries Ewma(LabelledSeries series)
    {
        double mean = series.Values[0];
        double variance = 0;
        return Score(series, value =>
        {
            double off = value - mean;
            double z = variance > 0 ? Math.Abs(off) / Math.Sqrt(variance) : 0;
            mean += Alpha * off;
            variance = (1 - Alpha) * (variance + (Alpha * off * off));
            return z;
        });
    }

    /// <summary>Distance from the mean of the last hundred rows, in their standard deviations.</summary>
    public static ScoredSeries RollingZ(LabelledSeries series)
    {
        Queue<double> last = new();
        return Score(series, value =>
        {
            double z = 0;
            if (last.Count == Window)
            {
                double mean = last.Average();
                double deviation = Math.Sqrt(last.Sum(v => (v - mean) * (v - mean)) / Window);
                z = deviation > 0 ? Math.Abs(value - mean) / deviation : value == mean ? 0 : double.MaxValue;
                last.Dequeue();
            }

            last.Enqueue(value);
            return z;
        });
    }

    private static ScoredSeries Score(LabelledSeries series, Func<double, double> distance)
    {
        double[] scores = [.. series.Values.Select(distance)];
        bool[] flags = new bool[scores.Length];
        int quiet = 0;
        for (int row = Probation; row < scores.Length; row++)
        {
            quiet = Math.Max(0, quiet - 1);
            flags[row] = scores[row] > Sigmas && quiet == 0;
            quiet = flags[row] ? Refractory : quiet;
        }

        return new ScoredSeries(series, scores, flags);
    }
}
