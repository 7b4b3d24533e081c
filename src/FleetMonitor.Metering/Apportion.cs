using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Metering;

/// <summary>
/// Energy over part of an interval, exactly. Every shape answers with the energy from the interval's start up to an offset, rounded half-even
/// once; a piece is the difference of two such figures, so that pieces always sum to the whole (S9).
/// </summary>
internal readonly struct Apportion
{
    private readonly long _length;
    private readonly long _first;
    private readonly long _last;
    private readonly Shape _shape;

    private Apportion(Shape shape, long length, long first, long last)
    {
        _shape = shape;
        _length = length;
        _first = first;
        _last = last;
    }

    private enum Shape : byte
    {
        Trapezoid,
        Constant,
        Difference,
    }

    /// <summary>Power that moves in a line from one sample to the next.</summary>
    public static Apportion Trapezoid(Power first, Power last, long milliseconds) =>
        new(Shape.Trapezoid, milliseconds, first.Milliwatts, last.Milliwatts);

    /// <summary>Power held at one level.</summary>
    public static Apportion Constant(Power level, long milliseconds) =>
        new(Shape.Constant, milliseconds, level.Milliwatts, level.Milliwatts);

    /// <summary>A register difference, spread evenly over the time it took.</summary>
    public static Apportion Difference(Energy energy, long milliseconds) =>
        new(Shape.Difference, milliseconds, energy.MicrowattHours, 0);

    /// <summary>Energy from the interval's start to <paramref name="offset"/> milliseconds into it.</summary>
    public long UpTo(long offset)
    {
        if (offset == 0)
        {
            return 0;
        }

        return _shape switch
        {
            // 1 mW over 1 ms is 1/3600 µWh; the factor 2 of the trapezoid makes it 7200 (S1).
            Shape.Trapezoid when offset == _length => DivideHalfEven((Int128)(_first + _last) * _length, 7200),
            Shape.Trapezoid => DivideHalfEven(
                ((Int128)2 * _first * _length * offset) + ((Int128)(_last - _first) * offset * offset),
                (Int128)7200 * _length),
            Shape.Constant => DivideHalfEven((Int128)_first * offset, 3600),
            _ when offset == _length => _first,
            _ => DivideHalfEven((Int128)_first * offset, _length),
        };
    }

    /// <summary>Both are non-negative; ties go to the even quotient.</summary>
    private static long DivideHalfEven(Int128 dividend, Int128 divisor)
    {
        // The everyday interval fits in 64 bits, where division is one instruction.
        if (dividend <= long.MaxValue / 2 && divisor <= long.MaxValue / 2)
        {
            (long quotient, long remainder) = Math.DivRem((long)dividend, (long)divisor);
            long twice = remainder * 2;
            return twice > (long)divisor || (twice == (long)divisor && (quotient & 1) == 1) ? quotient + 1 : quotient;
        }

        (Int128 wide, Int128 rest) = Int128.DivRem(dividend, divisor);
        rest *= 2;
        return (long)(rest > divisor || (rest == divisor && Int128.IsOddInteger(wide)) ? wide + 1 : wide);
    }
}
