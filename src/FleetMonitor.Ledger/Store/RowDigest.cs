using System.Security.Cryptography;
using FleetMonitor.Ledger.Encoding;

namespace FleetMonitor.Ledger.Store;

/// <summary>
/// Makes the digests of rows, one after the other: the first half of the SHA-256 over the table's name and each value, each with its type before
/// it, and its length where it has one.
/// </summary>
internal sealed class RowDigest : IDisposable
{
    private readonly ByteWriter _row = new();

    // To begin anew takes less than to be made anew, and most rows are short.
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public void Begin(ReadOnlySpan<byte> table)
    {
        _row.Clear();
        Add(SqlType.Text, table);
    }

    public void Add(long value)
    {
        _row.Byte((byte)SqlType.Integer);
        _row.Signed(value);
    }

    public void AddNull() => _row.Byte((byte)SqlType.Null);

    public void Add(SqlType type, ReadOnlySpan<byte> value)
    {
        _row.Byte((byte)type);
        _row.Bytes(value);
    }

    public UInt128 End()
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.AppendData(_row.Written.Span);
        _hash.GetHashAndReset(hash);
        return RowSeal.ReadSum(hash);
    }

    public void Dispose() => _hash.Dispose();
}
