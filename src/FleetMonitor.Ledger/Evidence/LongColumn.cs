using System.Diagnostics;
using FleetMonitor.Ledger.Encoding;

namespace FleetMonitor.Ledger.Evidence;

/// <summary>
/// A column of integers, compressed: divided by the step that all of them share (a device that reports tenths of a watt has no milliwatts to
/// keep), predicted, and the residuals written in Rice codes. The predictor is whichever makes this column shortest.
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
    private const int OnStack = 256;

    private static readonly Predictor[] Predictors = Enum.GetValues<Predictor>();

    public static void Write(ByteWriter bytes, ReadOnlySpan<long> values)
    {
        if (values.IsEmpty)
        {
            return;
        }

        bytes.Signed(values[0]);
        long step = CommonStep(values);
        bytes.Unsigned((ulong)step);
        if (step == 0)
        {
            return;
        }

        Span<long> steps = values.Length <= OnStack ? stackalloc long[values.Length] : new long[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            steps[i] = (values[i] - values[0]) / step;
        }

        Span<ulong> residuals = values.Length <= OnStack ? stackalloc ulong[values.Length - 1] : new ulong[values.Length - 1];
        (Predictor Predictor, int LowBits, long Bits) best = (default, 0, long.MaxValue);
        foreach (Predictor predictor in Predictors)
        {
            Residuals(steps, predictor, residuals);
            (int lowBits, long bits) = Rice.Best(residuals);
            if (bits < best.Bits)
            {
                best = (predictor, lowBits, bits);
            }
        }

        bytes.Byte((byte)(((int)best.Predictor << 6) | best.LowBits));
        if (best.Predictor == Predictor.Line)
        {
            bytes.Signed(steps[^1]);
        }

        Residuals(steps, best.Predictor, residuals);
        var writer = new BitWriter(bytes);
        foreach (ulong residual in residuals)
        {
            Rice.Write(writer, residual, best.LowBits);
        }

        writer.Flush();
    }

    /// <param name="column">The bytes that <see cref="Write"/> wrote, and no more.</param>
    public static long[] Read(ReadOnlySpan<byte> column, int count)
    {
        var values = new long[count];
        if (count == 0)
        {
            return values;
        }

        var bytes = new ByteReader(column);
        long first = bytes.Signed();
        long step = (long)bytes.Unsigned();
        values[0] = first;
        if (step == 0)
        {
            Array.Fill(values, first);
            return values;
        }

        byte head = bytes.Byte();
        var predictor = (Predictor)(head >> 6);
        int lowBits = head & 0x3F;
        long last = predictor == Predictor.Line ? bytes.Signed() : 0;
        var steps = new long[count];
        var bits = new BitReader(bytes.Rest());
        for (int i = 1; i < count; i++)
        {
            steps[i] = unchecked(Predict(steps, i, predictor, last) + Rice.UnZigZag(Rice.Read(ref bits, lowBits)));
            values[i] = unchecked(first + (steps[i] * step));
        }

        return values;
    }

    private static void Residuals(ReadOnlySpan<long> steps, Predictor predictor, Span<ulong> residuals)
    {
        for (int i = 1; i < steps.Length; i++)
        {
            residuals[i - 1] = Rice.ZigZag(unchecked(steps[i] - Predict(steps, i, predictor, steps[^1])));
        }
    }

    private static long Predict(ReadOnlySpan<long> steps, int index, Predictor predictor, long last) => predictor switch
    {
        Predictor.First => 0,
        Predictor.Previous => steps[index - 1],
        Predictor.Slope => unchecked(index == 1 ? steps[0] : (2 * steps[index - 1]) - steps[index - 2]),
        Predictor.Line => (long)((Int128)last * index / (steps.Length - 1)),
        _ => throw new UnreachableException(),
    };

    /// <summary>The greatest number that divides all differences; zero where there are none.</summary>
    private static long CommonStep(ReadOnlySpan<long> values)
    {
        ulong step = 0;
        foreach (long value in values)
        {
            ulong difference = (ulong)Int128.Abs((Int128)value - values[0]);
            while (difference != 0)
            {
                (step, difference) = (difference, step % difference);
            }
        }

        return (long)step;
    }
}
