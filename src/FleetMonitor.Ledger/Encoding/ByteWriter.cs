using System.Text;

namespace FleetMonitor.Ledger.Encoding;

/// <summary>Writes the ledger's own records: variable-length integers, small ones short, negative ones zigzag.</summary>
public sealed class ByteWriter
{
    private const int MostOfANumber = 10;

    private byte[] _bytes = new byte[256];

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public int Length { get; private set; }

    public void Clear() => Length = 0;

    public byte[] ToArray() => _bytes.AsSpan(0, Length).ToArray();

    /// <summary>Where the next bytes go; <see cref="Take"/> says how many did.</summary>
    public Span<byte> Room(int atLeast)
    {
        if (_bytes.Length - Length < atLeast)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + atLeast));
        }

        return _bytes.AsSpan(Length);
    }

    public void Take(int count) => Length += count;

    public void Byte(byte value)
    {
        Room(1)[0] = value;
        Length++;
    }

    public void Unsigned(ulong value)
    {
        Span<byte> room = Room(MostOfANumber);
        int length = 0;
        while (value >= 0x80)
        {
            room[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        room[length++] = (byte)value;
        Length += length;
    }

    public void Signed(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Unsigned((ulong)value.Length);
        Raw(value);
    }

    /// <summary>Puts in front of what was written since then how long it is, as <see cref="Bytes"/> does with what is at hand.</summary>
    /// <param name="start">What <see cref="Length"/> was then.</param>
    public void CloseBytes(int start)
    {
        int length = Length - start;
        Unsigned((ulong)length);
        Span<byte> prefix = stackalloc byte[MostOfANumber];
        prefix = prefix[..(Length - start - length)];
        _bytes.AsSpan(Length - prefix.Length, prefix.Length).CopyTo(prefix);
        _bytes.AsSpan(start, length).CopyTo(_bytes.AsSpan(start + prefix.Length));
        prefix.CopyTo(_bytes.AsSpan(start));
    }

    public void Raw(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Room(value.Length));
        Length += value.Length;
    }

    public void Text(string value) => Bytes(System.Text.Encoding.UTF8.GetBytes(value));
}

/// <summary>
/// Reads what <see cref="ByteWriter"/> wrote. Bytes that it cannot have written throw <see cref="LedgerCorruptException"/>: the ledger is
/// then damaged, and nothing may be made of it.
/// </summary>
public ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    /// <summary>That a number of 64 bits takes, seven in each.</summary>
    private const int MostBytes = 10;

    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool AtEnd => _rest.IsEmpty;

    public readonly int Remaining => _rest.Length;

    public byte Byte()
    {
        if (_rest.IsEmpty)
        {
            throw new LedgerCorruptException("a record ends before its time");
        }

        byte value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    public ulong Unsigned()
    {
        // Looked at where they lie: this is what most of a start's reading is.
        ReadOnlySpan<byte> rest = _rest;
        ulong value = 0;
        for (int i = 0; i < rest.Length && i < MostBytes; i++)
        {
            value |= (ulong)(rest[i] & 0x7F) << (7 * i);
            if (rest[i] < 0x80)
            {
                _rest = rest[(i + 1)..];
                return value;
            }
        }

        throw new LedgerCorruptException(
            rest.Length < MostBytes ? "a record ends before its time" : "a record holds a number longer than any");
    }

    public long Signed()
    {
        ulong value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>A count of things that take at least a byte each.</summary>
    public int Count(int atLeastBytesEach = 1)
    {
        ulong count = Unsigned();
        if (count > (ulong)(_rest.Length / atLeastBytesEach))
        {
            throw new LedgerCorruptException("a record announces more than it holds");
        }

        return (int)count;
    }

    public ReadOnlySpan<byte> Bytes()
    {
        int length = Count();
        ReadOnlySpan<byte> value = _rest[..length];
        _rest = _rest[length..];
        return value;
    }

    public ReadOnlySpan<byte> Rest()
    {
        ReadOnlySpan<byte> value = _rest;
        _rest = default;
        return value;
    }

    public string Text() => System.Text.Encoding.UTF8.GetString(Bytes());
}
