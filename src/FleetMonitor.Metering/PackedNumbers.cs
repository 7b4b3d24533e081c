namespace FleetMonitor.Metering;

/// <summary>Writes integers into memory, seven bits a byte, small ones short; signed ones zigzag.</summary>
internal ref struct NumberWriter(Span<byte> into)
{
    private readonly Span<byte> _into = into;

    public int Length { get; private set; }

    public void Byte(byte value) => _into[Length++] = value;

    public void Signed(long value) => Unsigned(ZigZag(value));

    public void Unsigned(ulong value)
    {
        while (value >= 0x80)
        {
            Byte(unchecked((byte)(value | 0x80)));
            value >>= 7;
        }

        Byte((byte)value);
    }

    public static ulong ZigZag(long value) => unchecked((ulong)((value << 1) ^ (value >> 63)));
}

/// <summary>Reads what <see cref="NumberWriter"/> wrote.</summary>
internal ref struct NumberReader(ReadOnlySpan<byte> from)
{
    private readonly ReadOnlySpan<byte> _from = from;

    public int Length { get; private set; }

    public byte Byte() => _from[Length++];

    public long Signed() => UnZigZag(Unsigned());

    public ulong Unsigned()
    {
        ulong value = Byte();
        if (value < 0x80)
        {
            return value;
        }

        value &= 0x7F;
        for (int shift = 7; ; shift += 7)
        {
            byte next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    public static long UnZigZag(ulong value) => unchecked((long)(value >> 1) ^ -(long)(value & 1));
}
