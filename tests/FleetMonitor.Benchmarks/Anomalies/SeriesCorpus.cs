namespace FleetMonitor.Benchmarks.Anomalies;

/// <summary>A generated series with the rows that are anomalous, as half-open row ranges.</summary>
internal sealed record LabelledSeries(string Kind, double IntervalSeconds, double[] Values, IReadOnlyList<(int From, int To)> Anomalies);

/// <summary>
/// Series of the sorts that monitoring meets, with anomalies put in at random. Shapes, sizes and noise are drawn anew for each series, so
/// that a detector cannot fit them.
/// </summary>
internal static class SeriesCorpus
{
    public static readonly IReadOnlyList<string> Kinds =
    [
        "load", "traffic", "weekly", "walk", "bursts", "pulses", "counts", "latency", "rig", "steps", "flat", "autoregressive",
    ];

    public static IEnumerable<LabelledSeries> Generate(int seed, int perKind)
    {
        for (int kind = 0; kind < Kinds.Count; kind++)
        {
            for (int i = 0; i < perKind; i++)
            {
                yield return Make(Kinds[kind], new Random(HashCode(seed, kind, i)));
            }
        }
    }

    private static int HashCode(int seed, int kind, int number) => unchecked((((seed * 7919) + kind) * 104_729) + number);

    private static LabelledSeries Make(string kind, Random random)
    {
        double interval = kind is "weekly" ? 1800 : random.NextDouble() < 0.7 ? 300 : 60 * random.Next(1, 30);
        int rows = kind is "weekly" ? random.Next(5000, 10_000) : random.Next(1200, 6000);
        double[] values = Normal(kind, rows, interval, random);
        List<(int, int)> anomalies = [];
        int count = random.Next(1, 4);
        double spread = Spread(values);
        for (int i = 0; i < count; i++)
        {
            // Spread over the part after the first fifth, not touching each other.
            int slot = (int)(rows * 0.78 / count);
            int from = (int)(rows * 0.2) + (slot * i) + random.Next(slot / 4);
            anomalies.Add(Disturb(values, from, slot, interval, spread, random));
        }

        double scale = Math.Pow(10, random.Next(-3, 7));
        for (int i = 0; i < rows; i++)
        {
            values[i] *= scale;
        }

        return new LabelledSeries(kind, interval, values, anomalies);
    }

    private static double[] Normal(string kind, int rows, double interval, Random random)
    {
        double[] values = new double[rows];
        double noise = 0.01 + (0.1 * random.NextDouble());
        double day = 86_400 / interval;
        double phase = random.NextDouble();
        double level = 1 + random.NextDouble();
        double state = 0;
        double burst = 0;
        double rate = 0.002 + (0.02 * random.NextDouble());
        double heavy = random.NextDouble();
        double coefficient = 0.8 + (0.19 * random.NextDouble());
        int period = random.Next(40, 300);
        bool high = false;
        for (int i = 0; i < rows; i++)
        {
            double gauss = Gauss(random);
            double daily = Math.Sin(2 * Math.PI * ((i / day) + phase));
            double second = 0.4 * Math.Sin(4 * Math.PI * ((i / day) + (phase * 3)));
            bool weekend = (int)(i / day) % 7 >= 5;
            state = (coefficient * state) + (noise * gauss);
            if (random.NextDouble() < rate)
            {
                burst += heavy * Math.Pow(random.NextDouble() + 0.05, -0.7) * 0.3;
                high = !high;
            }

            burst *= 0.6;
            values[i] = kind switch
            {
                "load" => level + (noise * gauss) + burst,
                "traffic" => (level * (1 + (0.6 * daily) + second)) + (noise * gauss) + state,
                "weekly" => (level * (1 + (0.6 * daily) + second) * (weekend ? 0.7 : 1)) + (noise * gauss),
                "walk" => i == 0 ? level * 20 : values[i - 1] + (noise * gauss),
                "bursts" => Math.Exp(noise * 8 * gauss) + (burst * 10),
                "pulses" => (i % period < period / 3 ? level * 2 : 0.5) + (noise * gauss * 0.5),
                "counts" => Math.Max(0, Math.Round((3 + (2.5 * daily)) * (1 + (0.6 * gauss)) + (burst * 4))),
                "latency" => level + Math.Abs(noise * gauss) + (random.NextDouble() < 0.3 * heavy ? 0.5 * level : 0),
                "rig" => 100 * (1 + (noise * 0.5 * gauss) - (0.02 * daily)),
                "steps" => level + (high ? 0.3 : 0) + (noise * 0.3 * gauss),
                "flat" => level + (random.NextDouble() < rate ? 0.02 : 0),
                _ => level + state,
            };
        }

        return values;
    }

    private static (int From, int To) Disturb(double[] values, int from, int slot, double interval, double spread, Random random)
    {
        double sign = random.NextDouble() < 0.5 ? -1 : 1;
        double size = (3 + (8 * random.NextDouble())) * spread;
        int longer = Math.Clamp(random.Next(20, 120), 5, slot / 2);
        int day = Math.Clamp((int)(86_400 / interval), 20, slot / 2);
        switch (random.Next(8))
        {
            case 0:
                int few = random.Next(1, 4);
                return Change(values, from, few, (v, _) => v + (sign * 1.5 * size));
            case 1:
                return Change(values, from, longer, (v, _) => v + (sign * 0.8 * size));
            case 2:
                // A level that stays: the beginning is the anomaly.
                for (int i = from; i < values.Length; i++)
                {
                    values[i] += sign * 0.8 * size;
                }

                return (from, from + longer);
            case 3:
                double held = values[from];
                return Change(values, from, longer, (_, _) => held);
            case 4:
                return Change(values, from, longer, (v, _) => v + (0.7 * size * Gauss(random)));
            case 5:
                double usual = values[from..(from + day)].Average();
                return Change(values, from, day, (v, i) => usual + (0.3 * (v - usual)));
            case 6:
                return Change(values, from, longer, (v, i) => v + (sign * size * i / longer));
            default:
                double low = values.Min();
                return Change(values, from, longer, (_, _) => Math.Min(0, low));
        }
    }

    private static (int From, int To) Change(double[] values, int from, int length, Func<double, int, double> change)
    {
        int to = Math.Min(from + length, values.Length);
        for (int i = from; i < to; i++)
        {
            values[i] = change(values[i], i - from);
        }

        return (from, to);
    }

    /// <summary>Mean absolute deviation from the median, of the values or of their steps, whichever says more of what stands out.</summary>
    private static double Spread(double[] values)
    {
        double[] sorted = [.. values];
        Array.Sort(sorted);
        double median = sorted[sorted.Length / 2];
        double deviation = values.Average(value => Math.Abs(value - median));
        double steps = 0;
        for (int i = 1; i < values.Length; i++)
        {
            steps += Math.Abs(values[i] - values[i - 1]) / values.Length;
        }

        return Math.Max(Math.Min(deviation, steps * 4), 1e-3 * Math.Abs(median));
    }

    private static double Gauss(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
