using System.Globalization;

namespace FleetMonitor.Benchmarks.Measuring;

/// <summary>The median of some figures, and from which to which they spread.</summary>
internal readonly record struct Spread(double Median, double Least, double Greatest)
{
    public static Spread Of(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        return new Spread(sorted[sorted.Length / 2], sorted[0], sorted[^1]);
    }

    public static Spread Of<T>(IEnumerable<T> runs, Func<T, double> figure) => Of(runs.Select(figure));

    /// <summary><c>1.7 (1.6 – 3.5)</c>.</summary>
    public string Text(string format)
    {
        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return $"{Text(Median)} ({Text(Least)} – {Text(Greatest)})";
    }
}
