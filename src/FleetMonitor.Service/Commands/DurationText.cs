using System.Globalization;

namespace FleetMonitor.Service.Commands;

/// <summary>
/// Durations as one types them: <c>30s</c>, <c>5m</c>, <c>1h30m</c>, <c>250ms</c>, <c>2d</c>, <c>00:05:00</c>, <c>1.00:00:00</c>, or a bare
/// number of seconds.
/// </summary>
public static class DurationText
{
    public const string Forms = "such as 30s, 5m, 1h30m or 00:05:00";

    private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    /// <summary>False for what is no duration, is negative, or is longer than forty days, which is about what a timer takes.</summary>
    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = default;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        if (text.Contains(':'))
        {
            return TimeSpan.TryParseExact(text, ["c", "h':'mm", "h':'mm':'ss"], CultureInfo.InvariantCulture, out duration)
                && duration >= TimeSpan.Zero
                && duration <= Longest;
        }

        decimal seconds = 0;
        decimal smallest = decimal.MaxValue;
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty)
        {
            int digits = rest.IndexOfAnyExcept("0123456789.");
            ReadOnlySpan<char> number = digits < 0 ? rest : rest[..digits];
            ReadOnlySpan<char> tail = digits < 0 ? [] : rest[digits..];
            int letters = tail.IndexOfAny("0123456789.");
            ReadOnlySpan<char> unit = letters < 0 ? tail : tail[..letters];
            rest = letters < 0 ? [] : tail[letters..];
            if (number.Length > 15
                || !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value)
                || SecondsIn(unit, isOnly: number.Length == text.Length) is not { } size
                || size >= smallest)
            {
                return false;
            }

            smallest = size;
            seconds += value * size;
        }

        if (seconds > (decimal)Longest.TotalSeconds)
        {
            return false;
        }

        duration = TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond));
        return true;
    }

    // Units go from large to small, each at most once, so that 1m30h is a slip and not a duration.
    private static decimal? SecondsIn(ReadOnlySpan<char> unit, bool isOnly) => unit switch
    {
        "d" => 86_400,
        "h" => 3_600,
        "m" => 60,
        "s" => 1,
        "ms" => 0.001m,
        "" when isOnly => 1,
        _ => null,
    };
}
