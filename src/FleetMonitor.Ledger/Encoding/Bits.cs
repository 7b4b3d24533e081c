using System.Numerics;

namespace FleetMonitor.Ledger.Encoding;

/// <summary>Writes single bits, most significant first, for the compressed columns of kept readings.</summary>
internal sealed class BitWriter
{
    private readonly ByteWriter _bytes;
    private uint _pending;
    private int _filled;

    public BitWriter(ByteWriter bytes) => _bytes = bytes;

    public void Write(ulong value, int bits)
    {
        for (int i = bits - 1; i >= 0; i--)
        {
            _pending = (_pending << 1) | (uint)((value >> i) & 1);
            if (++_filled == 8)
            {
                _bytes.Byte((byte)_pending);
                _pending = 0;
                _filled = 0;
            }
        }
    }

    /// <summary>Pads the last byte with zeros.</summary>
    public void Flush()
    {
        if (_filled > 0)
        {
            Write(0, 8 - _filled);
        }
    }
}

internal ref struct BitReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    public ulong Read(int bits)
    {
        ulong value = 0;
        for (int i = 0; i < bits; i++)
        {
            if (_position >> 3 >= _bytes.Length)
            {
                throw new LedgerCorruptException("a block of kept readings ends before its time");
            }

            value = (value << 1) | (uint)((_bytes[_position >> 3] >> (7 - (_position & 7))) & 1);
            _position++;
        }

        return value;
    }
}

/// <summary>
/// Rice codes: a number's high part in unary, its low bits as they are. The best code there is for residuals that fall off on both sides of
/// zero, which is what noise leaves behind a good prediction. High parts that would take long are written out whole.
/// </summary>
internal static class Rice
{
    public const int MaxLowBits = 62;
    private const int Escape = 24;

    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    public static long Cost(ReadOnlySpan<ulong> values, int lowBits)
    {
        long bits = 0;
        foreach (ulong value in values)
        {
            ulong high = value >> lowBits;
            bits += high < Escape ? (long)high + 1 + lowBits : Escape + 64;
        }

        return bits;
    }

    /// <summary>The number of low bits that makes the whole shortest, and how long it then is.</summary>
    public static (int LowBits, long Bits) Best(ReadOnlySpan<ulong> values)
    {
        UInt128 sum = 0;
        foreach (ulong value in values)
        {
            sum += value;
        }

        // The best is within one or two of the mean's magnitude.
        ulong mean = values.IsEmpty ? 0 : (ulong)(sum / (ulong)values.Length);
        int guess = 64 - BitOperations.LeadingZeroCount(mean);
        (int LowBits, long Bits) best = (0, long.MaxValue);
        for (int lowBits = Math.Max(0, guess - 3); lowBits <= Math.Min(MaxLowBits, guess + 1); lowBits++)
        {
            long bits = Cost(values, lowBits);
            best = bits < best.Bits ? (lowBits, bits) : best;
        }

        return best;
    }

    public static void Write(BitWriter writer, ulong value, int lowBits)
    {
        ulong high = value >> lowBits;
        if (high < Escape)
        {
            writer.Write(ulong.MaxValue, (int)high);
            writer.Write(0, 1);
            writer.Write(value, lowBits);
        }
        else
        {
            writer.Write(ulong.MaxValue, Escape);
            writer.Write(value, 64);
        }
    }

    public static ulong Read(ref BitReader reader, int lowBits)
    {
        ulong high = 0;
        while (reader.Read(1) == 1)
        {
            if (++high == Escape)
            {
                return reader.Read(64);
            }
        }

        return (high << lowBits) | reader.Read(lowBits);
    }
}
