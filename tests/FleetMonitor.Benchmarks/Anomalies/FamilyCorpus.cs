namespace FleetMonitor.Benchmarks.Anomalies;

/// <summary>
/// Series with one anomaly of one family each, on four sorts of ground, in the manner of public benchmarks: a first part without any, and a label
/// from row to row. Made apart from the other corpus, and none of the detector's numbers is taken from here.
/// </summary>
internal static class FamilyCorpus
{
    public static readonly IReadOnlyList<string> Families =
        ["spike", "dip", "level shift", "slow drift", "flat line", "noise burst", "missed cycle", "wrong hour", "longer period"];

    private static readonly string[] Grounds = ["noise", "daily", "walk", "waves"];

    public static IEnumerable<LabelledSeries> Generate(int seed, int perGround) =>
        from family in Enumerable.Range(0, Families.Count)
        from ground in Enumerable.Range(0, Grounds.Length)
        where IsPossible(Families[family], Grounds[ground])
        from number in Enumerable.Range(0, perGround)
        select Make(Families[family], Grounds[ground], new Random(unchecked((seed * 48_611) + (family * 7_907) + (ground * 613) + number)));

    /// <summary>Where nothing repeats, nothing can be missed or late.</summary>
    private static bool IsPossible(string family, string ground) =>
        family is not ("missed cycle" or "wrong hour" or "longer period") || ground is "daily" or "waves";

    private static LabelledSeries Make(string family, string ground, Random random)
    {
        double interval = ground == "waves" ? 1 : 60 * random.Next(5, 31);
        int period = ground == "waves" ? random.Next(50, 250) : (int)(86_400 / interval);
        int rows = Math.Clamp(period * random.Next(14, 30), 2500, 9000);
        double noise = 0.03 + (0.12 * random.NextDouble());
        double[] clean = Ground(ground, rows, period, noise, random);
        int from = (int)(rows * (0.4 + (0.5 * random.NextDouble())));
        double spread = Deviation(clean);
        (double[] values, int to) = Put(family, clean, from, period, spread, noise, random);
        double offset = 50 * random.NextDouble();
        double scale = Math.Pow(10, random.Next(-2, 4));
        return new LabelledSeries(family, interval, [.. values.Select(value => scale * (offset + value))], [(from, to)]);
    }

    private static double[] Ground(string ground, int rows, int period, double noise, Random random)
    {
        double[] values = new double[rows];
        double walk = 0;
        double second = random.NextDouble();
        double phase = random.NextDouble() * Math.Tau;
        for (int i = 0; i < rows; i++)
        {
            double turn = (Math.Tau * i / period) + phase;
            walk = (0.97 * walk) + (noise * Normal(random));
            double shape = ground switch
            {
                "daily" => Math.Sin(turn) + (0.5 * second * Math.Sin(2 * turn)),
                "waves" => Math.Exp(6 * (Math.Sin(turn) - 1)) + (second * Math.Exp(12 * (Math.Sin(turn + 1.5) - 1))),
                "walk" => 2 * walk,
                _ => 0,
            };
            values[i] = shape + (noise * Normal(random));
        }

        return values;
    }

    private static (double[] Values, int To) Put(string family, double[] clean, int from, int period, double spread, double noise, Random random)
    {
        double[] values = [.. clean];
        int some = random.Next(period / 3, period + 1);
        int to = Math.Min(from + some, values.Length);
        double size = (2.5 + (4 * random.NextDouble())) * spread;
        switch (family)
        {
            case "spike" or "dip":
                to = from + random.Next(1, 4);
                Change(values, from, to, (value, _) => value + (family == "spike" ? 1.5 * size : -1.5 * size));
                break;
            case "level shift":
                Change(values, from, values.Length, (value, _) => value + size);
                break;
            case "slow drift":
                Change(values, from, to, (value, share) => value + (size * share));
                Change(values, to, values.Length, (value, _) => value + size);
                break;
            case "flat line":
                Change(values, from, to, (_, _) => clean[from]);
                break;
            case "noise burst":
                Change(values, from, to, (value, _) => value + (4 * noise * Normal(random)));
                break;
            case "missed cycle":
                to = Math.Min(from + period, values.Length);
                double mean = clean.Average();
                Change(values, from, to, (_, _) => mean + (noise * Normal(random)));
                break;
            case "wrong hour":
                to = Math.Min(from + period, values.Length);
                Shift(values, clean, from, to, (i, _) => i + (period / 2));
                break;
            default:
                to = Math.Min(from + (2 * period), values.Length);
                Shift(values, clean, from, to, (i, start) => start + ((i - start) / 2));
                break;
        }

        return (values, to);
    }

    private static void Change(double[] values, int from, int to, Func<double, double, double> change)
    {
        for (int i = from; i < Math.Min(to, values.Length); i++)
        {
            values[i] = change(values[i], (double)(i - from) / (to - from));
        }
    }

    private static void Shift(double[] values, double[] clean, int from, int to, Func<int, int, int> place)
    {
        for (int i = from; i < to; i++)
        {
            values[i] = clean[Math.Min(place(i, from), clean.Length - 1)];
        }
    }

    private static double Deviation(double[] values)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
}
