using System.Buffers.Binary;
using System.Numerics;

namespace FleetMonitor.Ledger.Encoding;

/// <summary>Writes bits, most significant first, for the compressed columns of kept readings.</summary>
internal ref struct BitWriter(ByteWriter bytes)
{
    private const int Word = 64;

    private readonly ByteWriter _bytes = bytes;
    private ulong _pending;
    private int _filled;

    /// <param name="value">No larger than its bits hold.</param>
    /// <param name="bits">0 to 64.</param>
    public void Write(ulong value, int bits)
    {
        int free = Word - _filled;
        if (bits < free)
        {
            _pending = (_pending << bits) | value;
            _filled += bits;
            return;
        }

        int left = bits - free;
        BinaryPrimitives.WriteUInt64BigEndian(_bytes.Room(sizeof(ulong)), free == Word ? value >> left : (_pending << free) | (value >> left));
        _bytes.Take(sizeof(ulong));
        _pending = value & ((1UL << left) - 1);
        _filled = left;
    }

    /// <summary>Pads the last byte with zeros.</summary>
    public void Flush()
    {
        int length = (_filled + 7) / 8;
        ulong padded = _filled == 0 ? 0 : _pending << (Word - _filled);
        BinaryPrimitives.WriteUInt64BigEndian(_bytes.Room(sizeof(ulong)), padded);
        _bytes.Take(length);
        (_pending, _filled) = (0, 0);
    }
}

internal ref struct BitReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Bits that were taken from the bytes and not read yet, at the top.</summary>
    private ulong _ahead;
    private int _left;

    /// <param name="bits">0 to 64.</param>
    public ulong Read(int bits)
    {
        if (bits <= _left)
        {
            return Take(bits);
        }

        int missing = bits - _left;
        ulong high = Take(_left);
        Fill(missing);
        return (missing == 64 ? 0 : high << missing) | Take(missing);
    }

    /// <summary>Reads ones up to the next zero, which is read too, and no more than <paramref name="most"/> of them.</summary>
    public int ReadOnes(int most)
    {
        int ones = 0;
        while (true)
        {
            if (_left == 0)
            {
                Fill(1);
            }

            int run = Math.Min(Math.Min(BitOperations.LeadingZeroCount(~_ahead), _left), most - ones);
            Take(run);
            ones += run;
            if (ones == most)
            {
                return ones;
            }

            if (_left > 0)
            {
                Take(1);
                return ones;
            }
        }
    }

    private ulong Take(int bits)
    {
        if (bits == 0)
        {
            return 0;
        }

        ulong value = _ahead >> (64 - bits);
        _ahead = bits == 64 ? 0 : _ahead << bits;
        _left -= bits;
        return value;
    }

    private void Fill(int atLeast)
    {
        int length = Math.Min(sizeof(ulong), _rest.Length);
        if (length * 8 < atLeast)
        {
            throw new LedgerCorruptException("a block of kept readings ends before its time");
        }

        Span<byte> word = stackalloc byte[sizeof(ulong)];
        word.Clear();
        _rest[..length].CopyTo(word);
        _ahead = BinaryPrimitives.ReadUInt64BigEndian(word);
        _left = length * 8;
        _rest = _rest[length..];
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
    private const int Whole = 64;

    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    /// <summary>The number of low bits that makes the whole shortest.</summary>
    public static int BestLowBits(ReadOnlySpan<ulong> values)
    {
        UInt128 sum = 0;
        foreach (ulong value in values)
        {
            sum += value;
        }

        // The best is within one or two of the mean's magnitude.
        ulong mean = values.IsEmpty ? 0 : (ulong)(sum / (ulong)values.Length);
        int guess = Whole - BitOperations.LeadingZeroCount(mean);
        (int LowBits, long Bits) best = (0, long.MaxValue);
        for (int lowBits = Math.Max(0, guess - 3); lowBits <= Math.Min(MaxLowBits, guess + 1); lowBits++)
        {
            long bits = Cost(values, lowBits);
            best = bits < best.Bits ? (lowBits, bits) : best;
        }

        return best.LowBits;
    }

    public static void Write(ref BitWriter writer, ulong value, int lowBits)
    {
        ulong high = value >> lowBits;
        if (high >= Escape)
        {
            writer.Write((1UL << Escape) - 1, Escape);
            writer.Write(value, Whole);
            return;
        }

        // Ones and their zero: at most 24 bits; with the low ones they may be more than a word holds.
        writer.Write((2UL << (int)high) - 2, (int)high + 1);
        writer.Write(value & ((1UL << lowBits) - 1), lowBits);
    }

    public static ulong Read(ref BitReader reader, int lowBits)
    {
        int high = reader.ReadOnes(Escape);
        return high == Escape ? reader.Read(Whole) : ((ulong)high << lowBits) | reader.Read(lowBits);
    }

    private static long Cost(ReadOnlySpan<ulong> values, int lowBits)
    {
        long bits = 0;
        foreach (ulong value in values)
        {
            ulong high = value >> lowBits;
            bits += high < Escape ? (long)high + 1 + lowBits : Escape + Whole;
        }

        return bits;
    }
}
