using System.Buffers.Binary;
using System.Security.Cryptography;
using FleetMonitor.Ledger.Encoding;

namespace FleetMonitor.Ledger.Store;

/// <summary>
/// What a set of rows comes to, in whatever order they came and went: how many there are, and the sum (modulo 2^128) of the first half of
/// each row's SHA-256. Rows that go are subtracted.
/// </summary>
internal readonly record struct RowSeal(long Rows, UInt128 Sum)
{
    public const int SumBytes = 16;

    /// <summary>The table's name; then each value with its type before it, and the length before what has one.</summary>
    public static void Begin(ByteWriter row, ReadOnlySpan<byte> table)
    {
        row.Clear();
        Add(row, SqlType.Text, table);
    }

    public static void Add(ByteWriter row, long value)
    {
        row.Byte((byte)SqlType.Integer);
        row.Signed(value);
    }

    public static void AddNull(ByteWriter row) => row.Byte((byte)SqlType.Null);

    public static void Add(ByteWriter row, SqlType type, ReadOnlySpan<byte> value)
    {
        row.Byte((byte)type);
        row.Bytes(value);
    }

    public static UInt128 Digest(ByteWriter row)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(row.Written.Span, hash);
        return ReadSum(hash);
    }

    /// <exception cref="LedgerCorruptException">It is shorter than any seal that was written.</exception>
    public static UInt128 ReadSum(ReadOnlySpan<byte> bytes) => bytes.Length >= SumBytes
        ? BinaryPrimitives.ReadUInt128BigEndian(bytes)
        : throw new LedgerCorruptException("a seal is not as it was written");

    public static void WriteSum(Span<byte> bytes, UInt128 sum) => BinaryPrimitives.WriteUInt128BigEndian(bytes, sum);

    public RowSeal With(UInt128 digest) => new(Rows + 1, unchecked(Sum + digest));
}
