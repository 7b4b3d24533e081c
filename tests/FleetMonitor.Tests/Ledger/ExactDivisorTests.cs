using FleetMonitor.Ledger.Encoding;
using Xunit;

namespace FleetMonitor.Tests.Ledger;

public sealed class ExactDivisorTests
{
    private static readonly ulong[] Divisors =
        [1, 2, 3, 5, 7, 10, 64, 100, 1_000, 5_000, 1UL << 32, (1UL << 32) + 1, 1UL << 62, 1UL << 63, (1UL << 63) + 1, ulong.MaxValue - 1, ulong.MaxValue];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Divides_OfAnyNumbers_IsWhatDivisionSays(int seed)
    {
        var random = new Random(seed);
        foreach (ulong divisor in Divisors.Concat(Enumerable.Range(0, 500).Select(_ => Math.Max(1, Any(random) >> random.Next(64)))))
        {
            var by = new ExactDivisor(divisor);
            foreach (ulong number in Enumerable.Range(0, 40).Select(_ => Any(random) >> random.Next(64)))
            {
                ulong multiple = number - (number % divisor);
                Assert.True(by.Divides(multiple));
                Assert.Equal(number % divisor == 0, by.Divides(number));
                Assert.Equal(divisor == 1, by.Divides(multiple + 1));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Quotient_OfAnyMultiple_TimesTheDivisorIsTheMultiple(int seed)
    {
        var random = new Random(seed);
        foreach (ulong divisor in Divisors.Concat(Enumerable.Range(0, 500).Select(_ => Math.Max(1, Any(random) >> random.Next(64)))))
        {
            var by = new ExactDivisor(divisor);
            foreach (long factor in Enumerable.Range(0, 40).Select(_ => (long)Any(random) >> random.Next(64)))
            {
                long multiple = unchecked(factor * (long)divisor);
                Assert.Equal(multiple, unchecked(by.Quotient(multiple) * (long)divisor));
                if (divisor <= long.MaxValue && (Int128)factor * divisor == multiple)
                {
                    Assert.Equal(factor, by.Quotient(multiple));
                }
            }
        }
    }

    private static ulong Any(Random random) => (ulong)random.NextInt64(long.MinValue, long.MaxValue);
}
