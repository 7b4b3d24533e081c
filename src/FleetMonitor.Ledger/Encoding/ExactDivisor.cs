using System.Numerics;

namespace FleetMonitor.Ledger.Encoding;

/// <summary>
/// Divides by one number what it divides without remainder: an odd number has an inverse among the 64-bit integers, and to multiply by it takes
/// a tenth of the time that a division does.
/// </summary>
internal readonly struct ExactDivisor
{
    private readonly int _shift;
    private readonly ulong _inverse;
    private readonly ulong _most;

    /// <param name="divisor">Not zero.</param>
    public ExactDivisor(ulong divisor)
    {
        _shift = BitOperations.TrailingZeroCount(divisor);
        ulong odd = divisor >> _shift;
        _most = ulong.MaxValue / odd >> _shift;

        // Newton's method: right in three bits at first, and in twice as many after each step.
        _inverse = odd;
        for (int bits = 3; bits < 64; bits *= 2)
        {
            _inverse *= 2 - (odd * _inverse);
        }
    }

    /// <summary>What a number is made of that does not divide wraps around to more than any quotient.</summary>
    public bool Divides(ulong number) => BitOperations.RotateRight(number * _inverse, _shift) <= _most;

    /// <param name="number">A multiple of the divisor; one that is wrapped to 64 bits gives a quotient that wraps back to it.</param>
    public long Quotient(long number) => (number >> _shift) * (long)_inverse;
}
