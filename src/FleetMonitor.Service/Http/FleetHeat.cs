namespace FleetMonitor.Service.Http;

/// <summary>What a map can be coloured by, beside the state.</summary>
internal enum HeatMeasure
{
    /// <summary>W.</summary>
    Power,

    /// <summary>TH/s.</summary>
    HashRate,

    /// <summary>J/TH.</summary>
    Efficiency,

    /// <summary>°C.</summary>
    Temperature,
}

/// <summary>One measure of every device at one moment.</summary>
/// <param name="Values">By the roster's index; not a number where there is no live value.</param>
internal sealed record FleetHeat(FleetRoster Roster, double[] Values);

/// <summary>
/// Values of one site for colouring: a letter each on a scale of <see cref="Levels"/>, so that 55,000 are 55 kB. The scale leaves the outermost
/// hundredths to its ends, so that one odd value does not turn all others into one colour, and spans a fifth of the middle at least, so that
/// noise is not shown as heat.
/// </summary>
/// <param name="Low">What the first letter stands for, or less.</param>
/// <param name="High">What the last letter stands for, or more.</param>
/// <param name="Values">In the roster's order; <c>-</c> where there is no live value.</param>
internal sealed record HeatAnswer(double Low, double High, string Values)
{
    /// <summary>In order, each a step of the scale.</summary>
    public const string Levels = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const double Tail = 0.01;
    private const double LeastSpan = 0.2;

    public static HeatAnswer Of(ReadOnlySpan<double> values)
    {
        double[] sorted = values.ToArray().Where(double.IsFinite).Order().ToArray();
        if (sorted.Length == 0)
        {
            return new HeatAnswer(0, 0, new string('-', values.Length));
        }

        double low = sorted[(int)(Tail * (sorted.Length - 1))];
        double high = sorted[(int)Math.Ceiling((1 - Tail) * (sorted.Length - 1))];
        double missing = Math.Max((LeastSpan * Math.Abs(sorted[sorted.Length / 2])) - (high - low), high == low ? 1 : 0);
        (low, high) = (Math.Round(low - (Math.Max(0, missing) / 2), 3), Math.Round(high + (Math.Max(0, missing) / 2), 3));
        double step = (high - low) / (Levels.Length - 1);
        return new HeatAnswer(low, high, string.Create(values.Length, values, (letters, values) =>
        {
            for (int i = 0; i < letters.Length; i++)
            {
                letters[i] = double.IsFinite(values[i]) ? Levels[(int)Math.Clamp(Math.Round((values[i] - low) / step), 0, Levels.Length - 1)] : '-';
            }
        }));
    }
}
