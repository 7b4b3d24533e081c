using System.Diagnostics;
using System.Numerics;
using FleetMonitor.Ledger.Encoding;

namespace FleetMonitor.Ledger.Evidence;

/// <summary>
/// A column of integers, compressed: divided by the step that all of them share (a device that reports tenths of a watt has no milliwatts to
/// keep), predicted, and the residuals written in Rice codes. The predictor is the one whose residuals have the fewest digits.
/// </summary>
internal static class LongColumn
{
    private enum Predictor : byte
    {
        /// <summary>The first value: for a level with noise.</summary>
        First,

        /// <summary>The value before: for what drifts.</summary>
        Previous,

        /// <summary>The value before and the step before it: for what climbs at a changing pace.</summary>
        Slope,

        /// <summary>A line from the first to the last value: for regular sampling with jitter.</summary>
        Line,
    }

    /// <summary>Columns up to this length are worked out on the stack: a checkpoint of each device comes by every few minutes.</summary>
    private const int OnStack = 1_024;

    public static void Write(ByteWriter bytes, ReadOnlySpan<long> values)
    {
        if (values.IsEmpty)
        {
            return;
        }

        bytes.Signed(values[0]);
        ulong step = CommonStep(values);
        bytes.Unsigned(step);
        if (step == 0)
        {
            return;
        }

        Span<long> steps = values.Length <= OnStack ? stackalloc long[values.Length] : new long[values.Length];
        var byStep = new ExactDivisor(step);
        for (int i = 0; i < values.Length; i++)
        {
            steps[i] = byStep.Quotient(unchecked(values[i] - values[0]));
        }

        Span<ulong> residuals = values.Length <= OnStack ? stackalloc ulong[values.Length - 1] : new ulong[values.Length - 1];
        Predictor predictor = BestPredictor(steps);
        Residuals(steps, predictor, residuals);
        int lowBits = Rice.BestLowBits(residuals);
        bytes.Byte((byte)(((int)predictor << 6) | lowBits));
        if (predictor == Predictor.Line)
        {
            bytes.Signed(steps[^1]);
        }

        var writer = new BitWriter(bytes);
        foreach (ulong residual in residuals)
        {
            Rice.Write(ref writer, residual, lowBits);
        }

        writer.Flush();
    }

    public static long[] Read(ReadOnlySpan<byte> column, int count)
    {
        var values = new long[count];
        Read(column, values);
        return values;
    }

    /// <param name="column">The bytes that <see cref="Write"/> wrote, and no more.</param>
    /// <param name="values">As many as were written.</param>
    public static void Read(ReadOnlySpan<byte> column, Span<long> values)
    {
        if (values.IsEmpty)
        {
            return;
        }

        var bytes = new ByteReader(column);
        long first = bytes.Signed();
        long step = (long)bytes.Unsigned();
        values[0] = first;
        if (step == 0 || values.Length == 1)
        {
            values.Fill(first);
            return;
        }

        byte head = bytes.Byte();
        var predictor = (Predictor)(head >> 6);
        int lowBits = head & 0x3F;
        var line = new Line(predictor == Predictor.Line ? bytes.Signed() : 0, values.Length - 1);
        var bits = new BitReader(bytes.Rest());
        (long before, long last) = (0, 0);
        foreach (ref long value in values[1..])
        {
            long residual = Rice.UnZigZag(Rice.Read(ref bits, lowBits));
            (before, last) = (last, unchecked(residual + Predict(predictor, before, last, ref line)));
            value = unchecked(first + (last * step));
        }
    }

    /// <summary>The one that leaves the fewest digits: next to the shortest code, in a single pass.</summary>
    private static Predictor BestPredictor(ReadOnlySpan<long> steps)
    {
        Span<int> digits = stackalloc int[4];
        digits.Clear();
        var line = new Line(steps[^1], steps.Length - 1);
        (long before, long last) = (0, 0);
        foreach (long next in steps[1..])
        {
            digits[(int)Predictor.First] += Digits(next);
            digits[(int)Predictor.Previous] += Digits(next - last);
            digits[(int)Predictor.Slope] += Digits(next - Slope(before, last));
            digits[(int)Predictor.Line] += Digits(next - line.Next());
            (before, last) = (last, next);
        }

        int best = 0;
        for (int predictor = 1; predictor < digits.Length; predictor++)
        {
            best = digits[predictor] < digits[best] ? predictor : best;
        }

        return (Predictor)best;
    }

    private static int Digits(long residual) => 64 - BitOperations.LeadingZeroCount(Rice.ZigZag(residual));

    private static void Residuals(ReadOnlySpan<long> steps, Predictor predictor, Span<ulong> residuals)
    {
        var line = new Line(steps[^1], residuals.Length);
        (long before, long last) = (0, 0);
        for (int i = 0; i < residuals.Length; i++)
        {
            long next = steps[i + 1];
            residuals[i] = Rice.ZigZag(unchecked(next - Predict(predictor, before, last, ref line)));
            (before, last) = (last, next);
        }
    }

    private static long Predict(Predictor predictor, long before, long last, ref Line line) => predictor switch
    {
        Predictor.First => 0,
        Predictor.Previous => last,
        Predictor.Slope => Slope(before, last),
        Predictor.Line => line.Next(),
        _ => throw new UnreachableException(),
    };

    private static long Slope(long before, long last) => unchecked((2 * last) - before);

    /// <summary>The greatest number that divides all differences; zero where there are none.</summary>
    private static ulong CommonStep(ReadOnlySpan<long> values)
    {
        ulong step = 0;
        ExactDivisor byStep = default;
        foreach (long value in values)
        {
            ulong difference = value >= values[0] ? (ulong)value - (ulong)values[0] : (ulong)values[0] - (ulong)value;
            if (difference == 0 || (step != 0 && byStep.Divides(difference)))
            {
                continue;
            }

            while (difference != 0)
            {
                (step, difference) = (difference, step % difference);
            }

            if (step == 1)
            {
                break;
            }

            byStep = new ExactDivisor(step);
        }

        return step;
    }

    /// <summary>The points of a line from 0 to its end, rounded towards 0: without a division each, as lines are drawn on a screen.</summary>
    private struct Line(long end, int points)
    {
        private readonly long _rise = end / points;
        private readonly long _rest = Math.Abs(end % points);
        private readonly long _sign = Math.Sign(end);
        private long _at;
        private long _carried;

        public long Next()
        {
            _at += _rise;
            _carried += _rest;
            if (_carried >= points)
            {
                _carried -= points;
                _at += _sign;
            }

            return _at;
        }
    }
}
