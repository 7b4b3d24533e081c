using System.Globalization;
using System.Text;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Service.Influx;

/// <summary>
/// Writes points as line protocol: <c>measurement,tag=value field=value seconds</c>. The same values give the same bytes, always: decimals are
/// exact, without exponent or trailing zeros, and nothing depends on culture.
/// (Syntax: https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/)
/// </summary>
internal sealed class LineWriter
{
    private static readonly long[] PowersOfTen = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];

    private byte[] _bytes = new byte[4_096];
    private int _length;
    private int _lineStart;
    private bool _hasField;

    /// <summary>Lines that were ended and hold a field.</summary>
    public int Lines { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public int Length => _length;

    public void Clear() => (_length, _lineStart, _hasField, Lines) = (0, 0, false, 0);

    /// <param name="measurement">A plain word.</param>
    public void Begin(ReadOnlySpan<byte> measurement)
    {
        _lineStart = _length;
        _hasField = false;
        Raw(measurement);
    }

    /// <summary>A tag; one without a value is left out, as the protocol wants it.</summary>
    /// <param name="name">A plain word.</param>
    /// <param name="value">
    /// Comma, equals sign and space are escaped. The protocol cannot carry a control character, nor a backslash at the end of a value: a control
    /// character becomes <c>_</c>, a backslash <c>/</c>, which no id holds, so that two ids stay two.
    /// </param>
    public void Tag(ReadOnlySpan<byte> name, string value)
    {
        if (value.Length == 0)
        {
            return;
        }

        Raw(","u8);
        Raw(name);
        Raw("="u8);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (Rune rune in value.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case ',' or '=' or ' ':
                    Raw("\\"u8);
                    Raw([(byte)rune.Value]);
                    break;
                case '\\':
                    Raw("/"u8);
                    break;
                default:
                    Raw(Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029 ? "_"u8 : utf8[..rune.EncodeToUtf8(utf8)]);
                    break;
            }
        }
    }

    /// <summary>A floating-point field, given as a whole number of units of 10^-<paramref name="decimals"/>.</summary>
    public void Fixed(ReadOnlySpan<byte> name, long value, int decimals)
    {
        Field(name);
        if (value < 0)
        {
            Raw("-"u8);
        }

        // Not the absolute value: the smallest long has none.
        ulong magnitude = value < 0 ? (ulong)-(value + 1) + 1 : (ulong)value;
        ulong scale = (ulong)PowersOfTen[decimals];
        Number(magnitude / scale);
        ulong fraction = magnitude % scale;
        if (fraction == 0)
        {
            return;
        }

        Raw("."u8);
        for (ulong digit = scale / 10; fraction > 0; digit /= 10)
        {
            Raw([(byte)('0' + (fraction / digit))]);
            fraction %= digit;
        }
    }

    /// <summary>A floating-point field from an exact decimal.</summary>
    public void Decimal(ReadOnlySpan<byte> name, decimal value)
    {
        Field(name);
        Raw(Encoding.ASCII.GetBytes(Money.Text(value)));
    }

    /// <summary>An integer field.</summary>
    public void Integer(ReadOnlySpan<byte> name, long value)
    {
        Field(name);
        Raw(Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)));
        Raw("i"u8);
    }

    /// <summary>A text field. Line breaks become spaces: readers that split by line, then by quote, still see one point.</summary>
    public void Text(ReadOnlySpan<byte> name, string value)
    {
        Field(name);
        Raw("\""u8);
        string escaped = value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).ReplaceLineEndings(" ");
        Raw(Encoding.UTF8.GetBytes(escaped));
        Raw("\""u8);
    }

    /// <summary>Ends the line; one without a field is no point, and leaves nothing.</summary>
    public void End(Instant at)
    {
        if (!_hasField)
        {
            _length = _lineStart;
            return;
        }

        Raw(" "u8);
        long seconds = Math.DivRem(at.UnixMilliseconds, 1_000, out long rest) - (rest < 0 ? 1 : 0);
        Raw(Encoding.ASCII.GetBytes(seconds.ToString(CultureInfo.InvariantCulture)));
        Raw("\n"u8);
        Lines++;
    }

    private void Field(ReadOnlySpan<byte> name)
    {
        Raw(_hasField ? ","u8 : " "u8);
        Raw(name);
        Raw("="u8);
        _hasField = true;
    }

    private void Number(ulong value)
    {
        Span<byte> digits = stackalloc byte[20];
        int at = digits.Length;
        do
        {
            digits[--at] = (byte)('0' + (value % 10));
            value /= 10;
        }
        while (value > 0);
        Raw(digits[at..]);
    }

    private void Raw(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + bytes.Length));
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }
}
