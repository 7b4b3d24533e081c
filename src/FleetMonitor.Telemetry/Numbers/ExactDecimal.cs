namespace FleetMonitor.Telemetry.Numbers;

public enum NumberText : byte
{
    Number,

    /// <summary>Not a number's text at all.</summary>
    NotANumber,

    /// <summary>NaN, an infinity, or a magnitude that floating-point arithmetic calls infinite.</summary>
    NotFinite,
}

public enum Rounding : byte
{
    /// <summary>To the nearest; a tie to the even neighbour (S1).</summary>
    HalfEven,

    /// <summary>Towards minus infinity, as times are (S1).</summary>
    Floor,
}

/// <summary>
/// A decimal number exactly as its text says, never by way of floating point: 0.0005 W is a tie at the milliwatt, and only the text knows.
/// Holds 28 significant digits and remembers whether anything other than zeros followed, which is all that rounding can depend on.
/// </summary>
public readonly struct ExactDecimal
{
    private const int MaxDigits = 28;
    private const int UlongDigits = 18;

    /// <summary>10³⁰⁹ and more is infinite to IEEE 754 doubles.</summary>
    private const int FiniteMagnitude = 309;

    /// <summary>Far outside of what any number here may reach, far inside of what an <see cref="int"/> holds.</summary>
    private const int MaxExponent = 1_000_000;

    private static readonly UInt128[] PowersOfTen = MakePowers();

    private readonly UInt128 _digits;
    private readonly int _exponent;
    private readonly bool _truncated;

    private ExactDecimal(bool isNegative, UInt128 digits, int exponent, bool truncated)
    {
        IsNegative = isNegative;
        _digits = digits;
        _exponent = exponent;
        _truncated = truncated;
    }

    /// <summary>Below zero, however little; minus zero is not.</summary>
    public bool IsNegative { get; }

    /// <summary>
    /// Reads <c>[-]digits[.digits][e[±]digits]</c>. Leading zeros are allowed, since numbers in strings and bare payloads have them; JSON's
    /// own reader refuses them where JSON does.
    /// </summary>
    public static NumberText Parse(ReadOnlySpan<byte> text, out ExactDecimal value)
    {
        value = default;
        int at = 0;
        bool negative = text.Length > 0 && text[0] == (byte)'-';
        if (negative)
        {
            at++;
        }

        ulong low = 0;
        UInt128 wide = 0;
        int significant = 0;
        long exponent = 0;
        bool truncated = false;
        bool afterPoint = false;
        int run = 0;
        for (; at < text.Length; at++)
        {
            uint digit = (uint)(text[at] - '0');
            if (digit > 9)
            {
                if (text[at] != (byte)'.' || afterPoint || run == 0)
                {
                    break;
                }

                afterPoint = true;
                run = 0;
                continue;
            }

            run++;
            if (significant == 0 && digit == 0)
            {
                exponent -= afterPoint ? 1 : 0;
            }
            else if (significant < UlongDigits)
            {
                low = (low * 10) + digit;
                significant++;
                exponent -= afterPoint ? 1 : 0;
            }
            else if (significant < MaxDigits)
            {
                wide = ((significant == UlongDigits ? low : wide) * 10) + digit;
                significant++;
                exponent -= afterPoint ? 1 : 0;
            }
            else
            {
                truncated |= digit != 0;
                exponent += afterPoint ? 0 : 1;
            }
        }

        if (run == 0)
        {
            return IsNonFiniteWord(text) ? NumberText.NotFinite : NumberText.NotANumber;
        }

        if (at < text.Length)
        {
            if (!ParseExponent(text[at..], out int written))
            {
                return NumberText.NotANumber;
            }

            exponent += written;
        }

        if (significant > 0 && significant + exponent > FiniteMagnitude)
        {
            return NumberText.NotFinite;
        }

        value = new ExactDecimal(
            negative && significant > 0,
            significant > UlongDigits ? wide : low,
            (int)Math.Clamp(exponent, -MaxExponent, MaxExponent),
            truncated);
        return NumberText.Number;
    }

    /// <summary>The number in whole counted units.</summary>
    /// <returns>False where it does not fit into a <see cref="long"/>.</returns>
    public bool TryScale(Scale scale, Rounding rounding, out long result)
    {
        result = 0;
        if (_digits == 0)
        {
            return true;
        }

        int power = _exponent + scale.Exponent;
        if (TryScaleWhole(power, scale, out result))
        {
            return true;
        }

        UInt128 quotient;
        int comparedToHalf;
        bool hasRemainder;
        if (power < 0)
        {
            // Past this, 28 digits make less than a tenth of a unit.
            if (-power > MaxDigits + 1)
            {
                quotient = 0;
                comparedToHalf = -1;
                hasRemainder = true;
            }
            else
            {
                Divide(PowersOfTen[-power] * (UInt128)scale.Divisor, out quotient, out comparedToHalf, out hasRemainder);
            }
        }
        else
        {
            if (power >= PowersOfTen.Length || _digits > UInt128.MaxValue / PowersOfTen[power])
            {
                return false;
            }

            // Digits were only cut off from numbers that are too large for the result anyway.
            new ExactDecimal(IsNegative, _digits * PowersOfTen[power], 0, truncated: false)
                .Divide((UInt128)scale.Divisor, out quotient, out comparedToHalf, out hasRemainder);
        }

        bool away = rounding == Rounding.Floor
            ? IsNegative && hasRemainder
            : comparedToHalf > 0 || (comparedToHalf == 0 && !UInt128.IsEvenInteger(quotient));
        if (quotient >= long.MaxValue)
        {
            return false;
        }

        long magnitude = (long)quotient + (away ? 1 : 0);
        result = IsNegative ? -magnitude : magnitude;
        return true;
    }

    /// <summary>What nearly every reading needs: no fraction of a counted unit, and far less than a <see cref="long"/> holds.</summary>
    private bool TryScaleWhole(int power, Scale scale, out long result)
    {
        result = 0;
        if (power is < 0 or > UlongDigits || scale.Divisor != 1 || _digits > ulong.MaxValue)
        {
            return false;
        }

        ulong tooLarge = Math.BigMul((ulong)_digits, (ulong)PowersOfTen[power], out ulong magnitude);
        result = IsNegative ? -(long)magnitude : (long)magnitude;
        return tooLarge == 0 && magnitude < long.MaxValue;
    }

    /// <summary>The exact sum.</summary>
    /// <returns>False where it needs more digits than are held.</returns>
    public static bool TryAdd(ExactDecimal left, ExactDecimal right, out ExactDecimal sum)
    {
        sum = default;
        if (left.IsNegative || right.IsNegative)
        {
            throw new ArgumentException("Only amounts from zero are summed; the caller refuses the others.");
        }

        if (left._digits == 0 || right._digits == 0)
        {
            sum = left._digits == 0 ? right : left;
            return true;
        }

        (ExactDecimal high, ExactDecimal low) = left._exponent >= right._exponent ? (left, right) : (right, left);
        int shift = high._exponent - low._exponent;
        if (left._truncated || right._truncated || shift >= MaxDigits || high._digits > PowersOfTen[MaxDigits] / PowersOfTen[shift])
        {
            return false;
        }

        UInt128 total = (high._digits * PowersOfTen[shift]) + low._digits;
        sum = new ExactDecimal(isNegative: false, total, low._exponent, truncated: false);
        return total < PowersOfTen[MaxDigits];
    }

    /// <param name="divisor">Even, wherever digits were cut off: then what was cut cannot reach a tie from below.</param>
    private void Divide(UInt128 divisor, out UInt128 quotient, out int comparedToHalf, out bool hasRemainder)
    {
        UInt128 remainder;
        if (_digits <= ulong.MaxValue && divisor <= ulong.MaxValue)
        {
            (ulong q, ulong r) = Math.DivRem((ulong)_digits, (ulong)divisor);
            quotient = q;
            remainder = r;
        }
        else
        {
            quotient = _digits / divisor;
            remainder = _digits - (quotient * divisor);
        }

        comparedToHalf = (remainder * 2).CompareTo(divisor);
        if (comparedToHalf == 0 && _truncated)
        {
            comparedToHalf = 1;
        }

        hasRemainder = remainder != 0 || _truncated;
    }

    private static bool ParseExponent(ReadOnlySpan<byte> text, out int exponent)
    {
        exponent = 0;
        if (text.Length < 2 || (text[0] | 0x20) != 'e')
        {
            return false;
        }

        bool negative = text[1] == (byte)'-';
        ReadOnlySpan<byte> digits = negative || text[1] == (byte)'+' ? text[2..] : text[1..];
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return false;
        }

        foreach (byte digit in digits)
        {
            exponent = Math.Min((exponent * 10) + (digit - '0'), MaxExponent * 10);
        }

        exponent = negative ? -exponent : exponent;
        return true;
    }

    private static bool IsNonFiniteWord(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> word = text.Length > 0 && text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        return System.Text.Ascii.EqualsIgnoreCase(word, "nan"u8)
            || System.Text.Ascii.EqualsIgnoreCase(word, "inf"u8)
            || System.Text.Ascii.EqualsIgnoreCase(word, "infinity"u8);
    }

    private static UInt128[] MakePowers()
    {
        var powers = new UInt128[38];
        powers[0] = 1;
        for (int i = 1; i < powers.Length; i++)
        {
            powers[i] = powers[i - 1] * 10;
        }

        return powers;
    }
}
