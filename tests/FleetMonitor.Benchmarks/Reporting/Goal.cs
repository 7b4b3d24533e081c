using System.Globalization;

namespace FleetMonitor.Benchmarks.Reporting;

/// <summary>A figure that was aimed at, beside the one measured.</summary>
/// <param name="What">What is measured.</param>
/// <param name="Figure">The median that was measured.</param>
/// <param name="AtMost">What it should not exceed.</param>
/// <param name="Unit">Of both.</param>
/// <param name="Format">Of both.</param>
internal sealed record Goal(string What, double Figure, double AtMost, string Unit, string Format)
{
    public bool IsMet => Figure <= AtMost;

    public string Row => $"| {What} | {Text(Figure)} | ≤ {Text(AtMost)} | {(IsMet ? "met" : "**missed**")} |";

    private string Text(double value) => $"{value.ToString(Format, CultureInfo.InvariantCulture)} {Unit}".TrimEnd();
}
