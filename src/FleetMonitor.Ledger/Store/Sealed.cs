using System.Buffers.Binary;
using System.Numerics;

namespace FleetMonitor.Ledger.Store;

/// <summary>
/// Records with a checksum (CRC-32C, RFC 3720) over themselves and the key of their row: SQLite has none of its own for what stands in its
/// pages, and energy that a disk made up must never be billed.
/// </summary>
internal static class Sealed
{
    private const int SealBytes = 4;

    public static byte[] Seal(ReadOnlySpan<byte> record, params ReadOnlySpan<long> key)
    {
        byte[] stored = GC.AllocateUninitializedArray<byte>(record.Length + SealBytes);
        record.CopyTo(stored);
        BinaryPrimitives.WriteUInt32LittleEndian(stored.AsSpan(record.Length), Checksum(record, key));
        return stored;
    }

    /// <exception cref="LedgerCorruptException">It is not what was written there.</exception>
    public static byte[] Open(byte[] stored, string what, params ReadOnlySpan<long> key)
    {
        ReadOnlySpan<byte> record = stored.AsSpan(0, Math.Max(0, stored.Length - SealBytes));
        return stored.Length >= SealBytes
            && BinaryPrimitives.ReadUInt32LittleEndian(stored.AsSpan(record.Length)) == Checksum(record, key)
                ? record.ToArray()
                : throw new LedgerCorruptException($"{what} is not what was written");
    }

    private static uint Checksum(ReadOnlySpan<byte> record, ReadOnlySpan<long> key)
    {
        uint checksum = uint.MaxValue;
        foreach (long part in key)
        {
            checksum = BitOperations.Crc32C(checksum, (ulong)part);
        }

        while (record.Length >= sizeof(ulong))
        {
            checksum = BitOperations.Crc32C(checksum, BinaryPrimitives.ReadUInt64LittleEndian(record));
            record = record[sizeof(ulong)..];
        }

        foreach (byte value in record)
        {
            checksum = BitOperations.Crc32C(checksum, value);
        }

        return ~checksum;
    }
}
