using System.Globalization;

namespace FleetMonitor.Anomalies.Series;

/// <summary>A row that could not be read; the row is left out of the output.</summary>
/// <param name="Line">Line of the input, from 1.</param>
/// <param name="Problem">What is wrong with it, and what would be right.</param>
public readonly record struct BadRow(long Line, string Problem);

/// <param name="Rows">Rows scored.</param>
/// <param name="BadRows">Rows that could not be read.</param>
/// <param name="Flags">Rows flagged.</param>
public readonly record struct DetectSummary(long Rows, long BadRows, long Flags);

/// <summary>
/// The detector over <c>timestamp,value</c> rows: writes <c>timestamp,value,score,flag</c>, a line for a line, each depending only on the
/// lines up to it. Timestamps are RFC 3339, <c>yyyy-MM-dd HH:mm:ss</c> (taken as UTC), or seconds or milliseconds since 1970. An empty
/// value, or one that is no finite number by name (<c>NaN</c>, <c>null</c>), is missing and scores 0.
/// </summary>
public static class DetectCsv
{
    private const double MillisecondsFrom = 1e11;

    /// <param name="report">Told of each bad row as it comes.</param>
    public static DetectSummary Run(TextReader input, TextWriter output, Action<BadRow>? report = null)
    {
        SeriesDetector detector = new();
        long line = 0;
        long rows = 0;
        long bad = 0;
        long flags = 0;
        output.Write("timestamp,value,score,flag\n");
        while (input.ReadLine() is { } text)
        {
            line++;
            ReadOnlySpan<char> row = text.AsSpan().Trim();
            if (row.IsEmpty || (line == 1 && IsHeader(row)))
            {
                continue;
            }

            if (Parse(row, out double seconds, out double value) is { } problem)
            {
                bad++;
                report?.Invoke(new BadRow(line, problem));
                continue;
            }

            (double score, bool flag) = detector.Observe(seconds, value);
            rows++;
            flags += flag ? 1 : 0;
            output.Write(row[..SecondComma(row)]);
            output.Write(',');
            output.Write(score.ToString("0.######", CultureInfo.InvariantCulture));
            output.Write(flag ? ",1\n" : ",0\n");
        }

        return new DetectSummary(rows, bad, flags);
    }

    private static bool IsHeader(ReadOnlySpan<char> row)
    {
        int comma = row.IndexOf(',');
        return comma > 0 && !TryTime(Field(row[..comma]), out _);
    }

    private static int SecondComma(ReadOnlySpan<char> row)
    {
        int first = row.IndexOf(',');
        int second = row[(first + 1)..].IndexOf(',');
        return second < 0 ? row.Length : first + 1 + second;
    }

    private static ReadOnlySpan<char> Field(ReadOnlySpan<char> field) => field.Trim().Trim('"');

    /// <summary>Null where the row is good.</summary>
    private static string? Parse(ReadOnlySpan<char> row, out double seconds, out double value)
    {
        seconds = 0;
        value = double.NaN;
        int comma = row.IndexOf(',');
        if (comma < 0)
        {
            return "no comma: a row is timestamp,value";
        }

        ReadOnlySpan<char> time = Field(row[..comma]);
        if (!TryTime(time, out seconds))
        {
            return $"timestamp '{time}' is not RFC 3339, yyyy-MM-dd HH:mm:ss, or seconds or milliseconds since 1970";
        }

        ReadOnlySpan<char> number = Field(row[(comma + 1)..SecondComma(row)]);
        if (number.IsEmpty
            || number.Equals("nan", StringComparison.OrdinalIgnoreCase)
            || number.Equals("null", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        return double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
            ? null
            : $"value '{number}' is not a number";
    }

    private static bool TryTime(ReadOnlySpan<char> text, out double seconds)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double epoch))
        {
            seconds = Math.Abs(epoch) >= MillisecondsFrom ? epoch / 1000 : epoch;
            return double.IsFinite(epoch);
        }

        bool read = DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time);
        seconds = read ? (time - DateTimeOffset.UnixEpoch).TotalSeconds : 0;
        return read;
    }
}
