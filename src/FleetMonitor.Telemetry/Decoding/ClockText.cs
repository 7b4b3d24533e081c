namespace FleetMonitor.Telemetry.Decoding;

/// <summary>Date and time as a device wrote them, floored to the millisecond (S1).</summary>
/// <param name="Local">What the device's clock showed.</param>
/// <param name="OffsetMinutes">How far that is ahead of UTC, or null where the device does not say.</param>
internal readonly record struct ClockTime(DateTime Local, int? OffsetMinutes);

/// <summary>Reads texts of one shape: RFC 3339, or a pattern such as <c>yyyy/MM/dd HH:mm:ss</c>.</summary>
internal abstract class ClockText
{
    /// <summary>RFC 3339; the offset may be missing, since many devices leave it out.</summary>
    public static ClockText Rfc3339 { get; } = new Rfc3339Text();

    /// <summary>What such a text looks like, for a person.</summary>
    public abstract string Description { get; }

    public abstract bool TryRead(ReadOnlySpan<byte> text, out ClockTime time);

    /// <summary>
    /// A pattern of <c>yyyy MM dd HH mm ss</c> and <c>f</c>s, each at its full width; every other character, letters but <c>T</c> excepted,
    /// stands for itself.
    /// </summary>
    /// <returns>Null where the pattern lacks a part or holds something else.</returns>
    public static ClockText? FromPattern(string pattern) => PatternText.Create(pattern);

    private static bool TryMake(int year, int month, int day, int hour, int minute, int second, int millisecond, out DateTime local)
    {
        local = default;
        // The calendar here begins with year 1, and year 0 is a leap year: a time in it is a time all the same, and one too far back.
        if (month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year == 0 ? 4 : year, month) || hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        // A leap second, :60, is the next minute's start to every clock that counts in Unix time.
        TimeSpan intoMinute = new(0, 0, 0, second, millisecond);
        DateTime started = year == 0 ? DateTime.MinValue : new DateTime(year, month, day, hour, minute, 0, DateTimeKind.Unspecified);
        local = DateTime.MaxValue - started < intoMinute ? DateTime.MaxValue : started + intoMinute;
        return true;
    }

    private static bool TryDigits(ReadOnlySpan<byte> text, int at, int count, out int value)
    {
        value = 0;
        if (at + count > text.Length)
        {
            return false;
        }

        foreach (byte c in text.Slice(at, count))
        {
            uint digit = (uint)(c - '0');
            if (digit > 9)
            {
                return false;
            }

            value = (value * 10) + (int)digit;
        }

        return true;
    }

    private sealed class Rfc3339Text : ClockText
    {
        public override string Description => "an RFC 3339 time such as 2026-01-31T12:00:00+05:00";

        public override bool TryRead(ReadOnlySpan<byte> text, out ClockTime time)
        {
            time = default;
            if (!TryDigits(text, 0, 4, out int year)
                || !TryDigits(text, 5, 2, out int month)
                || !TryDigits(text, 8, 2, out int day)
                || !TryDigits(text, 11, 2, out int hour)
                || !TryDigits(text, 14, 2, out int minute)
                || !TryDigits(text, 17, 2, out int second)
                || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':'
                || text[10] is not ((byte)'T' or (byte)'t' or (byte)' '))
            {
                return false;
            }

            ReadOnlySpan<byte> rest = text[19..];
            int millisecond = 0;
            if (rest.StartsWith("."u8))
            {
                int end = rest[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
                ReadOnlySpan<byte> fraction = end < 0 ? rest[1..] : rest.Slice(1, end);
                if (fraction.IsEmpty)
                {
                    return false;
                }

                for (int i = 0; i < 3; i++)
                {
                    millisecond = (millisecond * 10) + (i < fraction.Length ? fraction[i] - '0' : 0);
                }

                rest = rest[(1 + fraction.Length)..];
            }

            if (!TryMake(year, month, day, hour, minute, second, millisecond, out DateTime local) || !TryOffset(rest, out int? offset))
            {
                return false;
            }

            time = new ClockTime(local, offset);
            return true;
        }

        private static bool TryOffset(ReadOnlySpan<byte> text, out int? minutes)
        {
            minutes = null;
            if (text.IsEmpty)
            {
                return true;
            }

            if (text.Length == 1 && (text[0] | 0x20) == 'z')
            {
                minutes = 0;
                return true;
            }

            if (text.Length != 6
                || text[0] is not ((byte)'+' or (byte)'-')
                || text[3] != ':'
                || !TryDigits(text, 1, 2, out int hour)
                || !TryDigits(text, 4, 2, out int minute)
                || hour > 23
                || minute > 59)
            {
                return false;
            }

            int total = (hour * 60) + minute;
            minutes = text[0] == '-' ? -total : total;
            return true;
        }
    }

    private sealed class PatternText(string pattern) : ClockText
    {
        private const string Parts = "yMdHmsf";

        public override string Description { get; } = $"a time written as {pattern}";

        public static PatternText? Create(string pattern)
        {
            bool complete = Count(pattern, 'y') == 4 && Count(pattern, 'M') == 2 && Count(pattern, 'd') == 2
                && Count(pattern, 'H') == 2 && Count(pattern, 'm') == 2 && Count(pattern, 's') == 2 && Count(pattern, 'f') <= 7;
            bool whole = pattern.All(c =>
                Parts.Contains(c, StringComparison.Ordinal) || c == 'T' || (c is >= ' ' and <= '~' && !char.IsAsciiLetter(c)));
            return complete && whole && Parts.All(part => IsOneRun(pattern, part)) ? new PatternText(pattern) : null;
        }

        public override bool TryRead(ReadOnlySpan<byte> text, out ClockTime time)
        {
            time = default;
            if (text.Length != pattern.Length)
            {
                return false;
            }

            Span<int> values = stackalloc int[Parts.Length];
            int fractionDigits = 0;
            for (int i = 0; i < pattern.Length; i++)
            {
                int part = Parts.IndexOf(pattern[i], StringComparison.Ordinal);
                if (part < 0)
                {
                    if (text[i] != pattern[i])
                    {
                        return false;
                    }

                    continue;
                }

                if (!char.IsAsciiDigit((char)text[i]))
                {
                    return false;
                }

                if (pattern[i] != 'f' || fractionDigits++ < 3)
                {
                    values[part] = (values[part] * 10) + (text[i] - '0');
                }
            }

            for (; fractionDigits is > 0 and < 3; fractionDigits++)
            {
                values[6] *= 10;
            }

            if (!TryMake(values[0], values[1], values[2], values[3], values[4], values[5], values[6], out DateTime local))
            {
                return false;
            }

            time = new ClockTime(local, null);
            return true;
        }

        private static int Count(string pattern, char part) => pattern.Count(c => c == part);

        private static bool IsOneRun(string pattern, char part) =>
            Count(pattern, part) == 0 || pattern.LastIndexOf(part) - pattern.IndexOf(part) + 1 == Count(pattern, part);
    }
}
