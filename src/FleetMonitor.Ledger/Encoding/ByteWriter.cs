using System.Buffers;
using System.Text;

namespace FleetMonitor.Ledger.Encoding;

/// <summary>Writes the ledger's own records: variable-length integers, small ones short, negative ones zigzag.</summary>
public sealed class ByteWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

    public int Length => _bytes.WrittenCount;

    public void Clear() => _bytes.ResetWrittenCount();

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    public void Byte(byte value)
    {
        _bytes.GetSpan(1)[0] = value;
        _bytes.Advance(1);
    }

    public void Unsigned(ulong value)
    {
        Span<byte> span = _bytes.GetSpan(10);
        int length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        _bytes.Advance(length);
    }

    public void Signed(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Unsigned((ulong)value.Length);
        Raw(value);
    }

    public void Raw(ReadOnlySpan<byte> value) => _bytes.Write(value);

    public void Text(string value) => Bytes(System.Text.Encoding.UTF8.GetBytes(value));
}

/// <summary>
/// Reads what <see cref="ByteWriter"/> wrote. Bytes that it cannot have written throw <see cref="LedgerCorruptException"/>: the ledger is
/// then damaged, and nothing may be made of it.
/// </summary>
public ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
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
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte next = Byte();
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new LedgerCorruptException("a record holds a number longer than any");
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
