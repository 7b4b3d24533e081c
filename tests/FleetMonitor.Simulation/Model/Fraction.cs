using System.Numerics;

namespace FleetMonitor.Simulation.Model;

/// <summary>An exact rational number, never reduced and never rounded until it is asked to be. <c>Denominator &gt; 0</c>.</summary>
public readonly record struct Fraction(BigInteger Numerator, BigInteger Denominator)
{
    public static implicit operator Fraction(BigInteger whole) => new(whole, BigInteger.One);

    public static implicit operator Fraction(long whole) => new(whole, BigInteger.One);

    public static Fraction operator +(Fraction left, Fraction right) =>
        new((left.Numerator * right.Denominator) + (right.Numerator * left.Denominator), left.Denominator * right.Denominator);

    public static Fraction operator *(Fraction left, Fraction right) =>
        new(left.Numerator * right.Numerator, left.Denominator * right.Denominator);

    /// <summary>Division by a positive whole number, the only division that the model needs.</summary>
    public static Fraction operator /(Fraction left, long right)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(right);
        return new(left.Numerator, left.Denominator * right);
    }

    public static bool operator <=(Fraction left, Fraction right) =>
        left.Numerator * right.Denominator <= right.Numerator * left.Denominator;

    public static bool operator >=(Fraction left, Fraction right) => right <= left;

    /// <summary>The nearest whole number; of two equally near, the even one.</summary>
    public BigInteger HalfEven()
    {
        BigInteger below = Numerator / Denominator;
        if (below * Denominator > Numerator)
        {
            // Division truncates towards zero; the floor of a negative number is one further down.
            below -= 1;
        }

        BigInteger twiceTheRest = 2 * (Numerator - (below * Denominator));
        if (twiceTheRest == Denominator)
        {
            return below.IsEven ? below : below + 1;
        }

        return twiceTheRest < Denominator ? below : below + 1;
    }
}
