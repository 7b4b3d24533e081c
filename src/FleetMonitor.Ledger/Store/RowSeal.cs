using System.Buffers.Binary;

namespace FleetMonitor.Ledger.Store;

/// <summary>
/// What a set of rows comes to, in whatever order they came and went: how many there are, and the sum (modulo 2^128) of the first half of
/// each row's SHA-256. Rows that go are subtracted.
/// </summary>
internal readonly record struct RowSeal(long Rows, UInt128 Sum)
{
    public const int SumBytes = 16;

    /// <exception cref="LedgerCorruptException">It is shorter than any seal that was written.</exception>
    public static UInt128 ReadSum(ReadOnlySpan<byte> bytes) => bytes.Length >= SumBytes
        ? BinaryPrimitives.ReadUInt128BigEndian(bytes)
        : throw new LedgerCorruptException("a seal is not as it was written");

    public static void WriteSum(Span<byte> bytes, UInt128 sum) => BinaryPrimitives.WriteUInt128BigEndian(bytes, sum);

    public RowSeal With(UInt128 digest) => new(Rows + 1, unchecked(Sum + digest));
}
