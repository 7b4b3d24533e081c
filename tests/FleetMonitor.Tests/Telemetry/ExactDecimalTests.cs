using System.Globalization;
using System.Numerics;
using System.Text;
using FleetMonitor.Telemetry.Numbers;
using Xunit;

namespace FleetMonitor.Tests.Telemetry;

public sealed class ExactDecimalTests
{
    [Theory]
    [InlineData("0", 0, 0)]
    [InlineData("0.5", 0, 0)]
    [InlineData("1.5", 0, 2)]
    [InlineData("2.5", 0, 2)]
    [InlineData("-0.5", 0, 0)]
    [InlineData("-1.5", 0, -2)]
    [InlineData("-2.5", 0, -2)]
    [InlineData("0.50000000000000000000000000000000000001", 0, 1)]
    [InlineData("0.49999999999999999999999999999999999999", 0, 0)]
    [InlineData("9223372036854775806", 0, 9223372036854775806)]
    [InlineData("9223372036854775805.5", 0, 9223372036854775806)]
    [InlineData("922337203685477580600000000000000000000e-20", 0, 9223372036854775806)]
    [InlineData("123456789012345678.5", 0, 123456789012345678)]
    [InlineData("000012.5e1", 0, 125)]
    [InlineData("1e18", 0, 1_000_000_000_000_000_000)]
    [InlineData("1E-5", 5, 1)]
    [InlineData("1e+3", 3, 1_000_000)]
    [InlineData("3.2505", 3, 3250)]
    [InlineData("3.2515", 3, 3252)]
    [InlineData("0.000000000000000000000000000000000000000001e42", 0, 1)]
    [InlineData("1e-1000000000000", 3, 0)]
    public void Number_Scaled_RoundsHalfEven(string text, int exponent, long expected)
    {
        Assert.Equal(NumberText.Number, ExactDecimal.Parse(Encoding.ASCII.GetBytes(text), out ExactDecimal number));
        Assert.True(number.TryScale(new Scale(exponent), Rounding.HalfEven, out long value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("1.999", 1)]
    [InlineData("-1.001", -2)]
    [InlineData("-1", -1)]
    [InlineData("-1e-40", -1)]
    [InlineData("1767225599123.9", 1767225599123)]
    public void Number_Floored_GoesTowardsMinusInfinity(string text, long expected)
    {
        Assert.Equal(NumberText.Number, ExactDecimal.Parse(Encoding.ASCII.GetBytes(text), out ExactDecimal number));
        Assert.True(number.TryScale(Scale.Unit, Rounding.Floor, out long value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("9223372036854775808", 0)]
    [InlineData("1e19", 0)]
    [InlineData("9.3e18", 0)]
    [InlineData("-9.3e18", 0)]
    [InlineData("1e308", 0)]
    [InlineData("1e7", 12)]
    [InlineData("99999999999999999999999999999999999999999999", 0)]
    public void Number_BeyondALong_DoesNotFit(string text, int exponent)
    {
        Assert.Equal(NumberText.Number, ExactDecimal.Parse(Encoding.ASCII.GetBytes(text), out ExactDecimal number));
        Assert.False(number.TryScale(new Scale(exponent), Rounding.HalfEven, out _));
    }

    [Theory]
    [InlineData("", NumberText.NotANumber)]
    [InlineData("-", NumberText.NotANumber)]
    [InlineData(".5", NumberText.NotANumber)]
    [InlineData("5.", NumberText.NotANumber)]
    [InlineData("+5", NumberText.NotANumber)]
    [InlineData("5e", NumberText.NotANumber)]
    [InlineData("5e+", NumberText.NotANumber)]
    [InlineData("5.5.5", NumberText.NotANumber)]
    [InlineData("5 W", NumberText.NotANumber)]
    [InlineData("0x10", NumberText.NotANumber)]
    [InlineData("1,5", NumberText.NotANumber)]
    [InlineData("--", NumberText.NotANumber)]
    [InlineData("NaN", NumberText.NotFinite)]
    [InlineData("-nan", NumberText.NotFinite)]
    [InlineData("inf", NumberText.NotFinite)]
    [InlineData("-Infinity", NumberText.NotFinite)]
    [InlineData("1e309", NumberText.NotFinite)]
    [InlineData("1e99999999999999999999", NumberText.NotFinite)]
    [InlineData("0e999", NumberText.Number)]
    public void Text_ThatIsNoFiniteNumber_IsTold(string text, NumberText expected) =>
        Assert.Equal(expected, ExactDecimal.Parse(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData("-0", false)]
    [InlineData("-0.000", false)]
    [InlineData("-1e-400", true)]
    [InlineData("-5", true)]
    public void Number_BelowZero_HoweverLittle_IsNegative(string text, bool expected)
    {
        ExactDecimal.Parse(Encoding.ASCII.GetBytes(text), out ExactDecimal number);
        Assert.Equal(expected, number.IsNegative);
    }

    [Fact]
    public void Number_OfRandomText_ScalesAsTheRationalDoes()
    {
        const int Seed = 20_260_101;
        var random = new Random(Seed);
        // The last one is the unit of a joule, which divides by 36.
        Scale[] scales = [new(0), new(3), new(6), new(9), new(12), new(-6), new(5, 6), new(4, 36)];
        for (int i = 0; i < 60_000; i++)
        {
            string text = RandomNumber(random);
            Scale scale = scales[random.Next(scales.Length)];
            Rounding rounding = random.Next(2) == 0 ? Rounding.HalfEven : Rounding.Floor;
            BigInteger expected = Reference(text, scale, rounding);
            string what = $"seed {Seed}, try {i}: {text} × 10^{scale.Exponent} / {scale.Divisor}, {rounding}";

            Assert.True(ExactDecimal.Parse(Encoding.ASCII.GetBytes(text), out ExactDecimal number) == NumberText.Number, what);
            bool fits = number.TryScale(scale, rounding, out long value);

            Assert.True(fits == (BigInteger.Abs(expected) < long.MaxValue), what);
            Assert.True(!fits || value == expected, $"{what}: {value}, not {expected}");
        }
    }

    [Fact]
    public void Sum_OfRandomNumbers_IsExactOrRefused()
    {
        const int Seed = 7;
        var random = new Random(Seed);
        int added = 0;
        for (int i = 0; i < 20_000; i++)
        {
            string left = RandomNumber(random).TrimStart('-');
            string right = RandomNumber(random).TrimStart('-');
            ExactDecimal.Parse(Encoding.ASCII.GetBytes(left), out ExactDecimal a);
            ExactDecimal.Parse(Encoding.ASCII.GetBytes(right), out ExactDecimal b);
            if (!ExactDecimal.TryAdd(a, b, out ExactDecimal sum) || !sum.TryScale(new Scale(3), Rounding.HalfEven, out long value))
            {
                continue;
            }

            added++;
            (BigInteger n1, BigInteger d1) = Rational(left);
            (BigInteger n2, BigInteger d2) = Rational(right);
            BigInteger expected = Round((n1 * d2) + (n2 * d1), d1 * d2, new Scale(3), Rounding.HalfEven);
            Assert.True(value == expected, $"seed {Seed}, try {i}: {left} + {right} gave {value}, not {expected}");
        }

        Assert.True(added > 5_000, $"only {added} sums were made");
    }

    private static string RandomNumber(Random random)
    {
        var text = new StringBuilder(random.Next(4) == 0 ? "-" : "");
        // Mostly few digits, so that ties and borders come up; now and then many.
        AppendDigits(text, random, random.Next(10) == 0 ? random.Next(1, 60) : random.Next(1, 8));
        if (random.Next(3) > 0)
        {
            text.Append('.');
            AppendDigits(text, random, random.Next(10) == 0 ? random.Next(1, 60) : random.Next(1, 10));
        }

        if (random.Next(3) == 0)
        {
            text.Append(random.Next(2) == 0 ? 'e' : 'E').Append(random.Next(3) switch { 0 => "-", 1 => "+", _ => "" });
            text.Append(random.Next(random.Next(4) == 0 ? 60 : 12));
        }

        return text.ToString();
    }

    private static void AppendDigits(StringBuilder text, Random random, int count)
    {
        for (int i = 0; i < count; i++)
        {
            text.Append(random.Next(3) switch { 0 => '0', 1 => '5', _ => (char)('0' + random.Next(10)) });
        }
    }

    private static BigInteger Reference(string text, Scale scale, Rounding rounding)
    {
        (BigInteger numerator, BigInteger denominator) = Rational(text);
        return Round(numerator, denominator, scale, rounding);
    }

    private static (BigInteger Numerator, BigInteger Denominator) Rational(string text)
    {
        string[] parts = text.Split('e', 'E');
        int exponent = parts.Length > 1 ? int.Parse(parts[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) : 0;
        int point = parts[0].IndexOf('.', StringComparison.Ordinal);
        int decimals = point < 0 ? 0 : parts[0].Length - point - 1;
        var digits = BigInteger.Parse(parts[0].Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        int power = exponent - decimals;
        return power >= 0 ? (digits * BigInteger.Pow(10, power), 1) : (digits, BigInteger.Pow(10, -power));
    }

    private static BigInteger Round(BigInteger numerator, BigInteger denominator, Scale scale, Rounding rounding)
    {
        numerator *= scale.Exponent >= 0 ? BigInteger.Pow(10, scale.Exponent) : 1;
        denominator *= scale.Divisor * (scale.Exponent < 0 ? BigInteger.Pow(10, -scale.Exponent) : 1);
        BigInteger floor = BigInteger.Divide(numerator - (((numerator % denominator) + denominator) % denominator), denominator);
        if (rounding == Rounding.Floor)
        {
            return floor;
        }

        int half = ((numerator - (floor * denominator)) * 2).CompareTo(denominator);
        return half > 0 || (half == 0 && !floor.IsEven) ? floor + 1 : floor;
    }
}
