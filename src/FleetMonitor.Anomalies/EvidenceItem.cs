namespace FleetMonitor.Anomalies;

/// <summary>
/// One thing an operator can check: a number in the unit that ends its name (<c>power_w</c>, <c>baseline_ths</c>), or words
/// (<c>rule</c>).
/// </summary>
public readonly record struct EvidenceItem(string Name, decimal? Number, string? Text)
{
    public static EvidenceItem Of(string name, string text) => new(name, null, text);

    /// <summary>Rounded to three decimals: evidence is read by people.</summary>
    public static EvidenceItem Of(string name, double number) => new(name, Rounded(number), null);

    internal static decimal Rounded(double number) =>
        double.IsFinite(number) && Math.Abs(number) < 1e15 ? decimal.Round((decimal)number, 3) : 0m;
}
