using System.Buffers.Binary;

namespace FleetMonitor.Ledger;

/// <summary>A short digest of a message (FNV-1a), the same in every process: kept in the ledger to know the message again.</summary>
public static class Fingerprint
{
    public static ulong Of(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, long time = 0)
    {
        Span<byte> lengthAndTime = stackalloc byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(lengthAndTime, topic.Length);
        BinaryPrimitives.WriteInt64LittleEndian(lengthAndTime[4..], time);
        return Add(Add(Add(14695981039346656037, lengthAndTime), topic), payload);
    }

    private static ulong Add(ulong hash, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            hash = unchecked((hash ^ value) * 1099511628211);
        }

        return hash;
    }
}
