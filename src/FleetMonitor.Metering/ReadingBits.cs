using System.Numerics;
using System.Runtime.InteropServices;

namespace FleetMonitor.Metering;

/// <summary>
/// How far a value usually lies from what is predicted of it, learned from value to value: the number of low bits that a Rice code writes as they
/// are, in eighths. The rest is written in unary; where that is a one, the number is right.
/// </summary>
internal struct Scatter
{
    /// <summary>A rest as large is written out, with the whole value.</summary>
    public const int Unusual = 12;

    private const int PerBit = 8;

    private byte _eighths;

    /// <summary>0 to 31.</summary>
    public readonly int LowBits => _eighths / PerBit;

    /// <summary>Everything about it, in a byte.</summary>
    public readonly byte ToByte() => _eighths;

    public static Scatter FromByte(byte value) => new() { _eighths = value };

    public void Learn(int rest) => Set(_eighths + rest - 1);

    /// <summary>One that is far off may be the first of many, or alone.</summary>
    public void LearnUnusual(int bits) => Set((_eighths + (bits * PerBit)) / 2);

    private void Set(int eighths) => _eighths = (byte)Math.Clamp(eighths, 0, byte.MaxValue);
}

/// <summary>Writes bits, the lowest of a byte first.</summary>
/// <param name="into">A word longer than what is written.</param>
/// <param name="before">The byte to go on in.</param>
/// <param name="taken">How many of its bits are taken, 0 to 7; the others are 0.</param>
internal ref struct BitWriter(Span<byte> into, byte before, int taken)
{
    private const int Word = 64;

    private readonly Span<byte> _into = into;
    private ulong _pending = before;
    private int _filled = taken;
    private int _written;

    /// <summary>Bits that are taken by now, from the byte on that it went on in.</summary>
    public readonly int Length => (_written * 8) + _filled;

    /// <param name="value">No larger than its bits hold.</param>
    /// <param name="bits">0 to 63.</param>
    public void Bits(ulong value, int bits)
    {
        _pending |= value << _filled;
        int free = Word - _filled;
        if (bits < free)
        {
            _filled += bits;
            return;
        }

        MemoryMarshal.Write(_into[_written..], _pending);
        _written += sizeof(ulong);
        _pending = value >> free;
        _filled = bits - free;
    }

    /// <summary>Any number, in as many bits as it has and seven.</summary>
    public void Number(long value)
    {
        ulong rest = NumberWriter.ZigZag(value);
        int bits = Word - BitOperations.LeadingZeroCount(rest);
        Bits((uint)bits, BitReader.LengthBits);
        Bits(rest & uint.MaxValue, Math.Min(bits, 32));
        Bits(rest >> 32, Math.Max(bits - 32, 0));
    }

    /// <summary>A number that is usually small.</summary>
    public void Residual(long value, ref Scatter scatter)
    {
        ulong number = NumberWriter.ZigZag(value);
        int low = scatter.LowBits;
        ulong rest = number >> low;
        if (rest >= Scatter.Unusual)
        {
            Bits(0, Scatter.Unusual);
            Number(value);
            scatter.LearnUnusual(Word - BitOperations.LeadingZeroCount(number));
            return;
        }

        ulong ended = (((number & ((1UL << low) - 1)) << 1) | 1) << (int)rest;
        Bits(ended, (int)rest + 1 + low);
        scatter.Learn((int)rest);
    }

    /// <summary>The bytes so far; nothing is written after.</summary>
    public readonly ReadOnlySpan<byte> End()
    {
        MemoryMarshal.Write(_into[_written..], _pending);
        return _into[..((Length + 7) / 8)];
    }
}

/// <summary>Reads what <see cref="BitWriter"/> wrote.</summary>
/// <param name="from">A word longer than what is read.</param>
/// <param name="position">The bit to begin with.</param>
internal ref struct BitReader(ReadOnlySpan<byte> from, int position)
{
    public const int LengthBits = 7;

    private readonly ReadOnlySpan<byte> _from = from;

    public int Position { get; private set; } = position;

    /// <summary>What comes next, at the low end: 57 bits, and maybe more.</summary>
    public readonly ulong Ahead => MemoryMarshal.Read<ulong>(_from[(Position >> 3)..]) >> (Position & 7);

    public void Pass(int bits) => Position += bits;

    /// <param name="bits">0 to 32.</param>
    public ulong Bits(int bits)
    {
        ulong value = Ahead & ((1UL << bits) - 1);
        Position += bits;
        return value;
    }

    public long Number() => NumberReader.UnZigZag(ZigZag(out _));

    public long Residual(ref Scatter scatter)
    {
        ulong ahead = Ahead;
        int rest = BitOperations.TrailingZeroCount(ahead);
        if (rest >= Scatter.Unusual)
        {
            Position += Scatter.Unusual;
            ulong unusual = ZigZag(out int bits);
            scatter.LearnUnusual(bits);
            return NumberReader.UnZigZag(unusual);
        }

        int low = scatter.LowBits;
        ulong number = ((ulong)rest << low) | ((ahead >> (rest + 1)) & ((1UL << low) - 1));
        Position += rest + 1 + low;
        scatter.Learn(rest);
        return NumberReader.UnZigZag(number);
    }

    private ulong ZigZag(out int bits)
    {
        bits = (int)Bits(LengthBits);
        ulong low = Bits(Math.Min(bits, 32));
        return low | (Bits(Math.Max(bits - 32, 0)) << 32);
    }
}
