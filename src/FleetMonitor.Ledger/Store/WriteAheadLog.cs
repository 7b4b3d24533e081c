using System.Buffers.Binary;

namespace FleetMonitor.Ledger.Store;

/// <summary>
/// Looks at a write-ahead log before SQLite does (SQLite file format, section 4). SQLite takes a log to end at the first frame whose checksum is
/// off, which is right for a write that a crash tore, and wrong for one that a disk spoilt: what was committed after it would be gone, and no more
/// said of it. Each commit waits for its fsync before the next one begins, so a crash tears the last one at most: where whole commits follow on
/// what is off, it is damage.
/// </summary>
internal static class WriteAheadLog
{
    private const int HeaderBytes = 32;
    private const int FrameHeaderBytes = 24;
    private const uint Magic = 0x377f0682;

    /// <summary>The last commit may be torn, and have left its end behind all the same.</summary>
    private const int CommitsThatACrashLeaves = 1;

    /// <returns>What is off, null where nothing is, or where there is no log.</returns>
    /// <param name="path">Of the log.</param>
    /// <remarks>Beside one that writes, look again before believing it: the log may have begun anew meanwhile.</remarks>
    public static string? Damage(string path)
    {
        using FileStream? log = File.Exists(path) ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 20) : null;
        Span<byte> header = stackalloc byte[HeaderBytes];
        if (log is null || log.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes)
        {
            return null;
        }

        uint magic = BinaryPrimitives.ReadUInt32BigEndian(header);
        int pageSize = (int)BinaryPrimitives.ReadUInt32BigEndian(header[8..]);
        bool isSound = (magic & ~1u) == Magic && pageSize is >= 512 and <= 65_536;
        Checksum sum = new Checksum((magic & 1) != 0).Add(header[..24]);
        if (!isSound || !sum.Matches(header[24..]))
        {
            return log.Length > HeaderBytes + FrameHeaderBytes ? $"the head of {Path.GetFileName(path)} is not what was written" : null;
        }

        return FrameDamage(log, path, header[16..24].ToArray(), pageSize, sum);
    }

    private static string? FrameDamage(FileStream log, string path, byte[] salts, int pageSize, Checksum sum)
    {
        byte[] frame = new byte[FrameHeaderBytes + pageSize];
        long? firstOff = null;
        int commitsAfter = 0;
        for (long number = 1; log.ReadAtLeast(frame, frame.Length, throwOnEndOfStream: false) == frame.Length; number++)
        {
            bool isOfThisLog = frame.AsSpan(8, 8).SequenceEqual(salts);
            if (firstOff is null)
            {
                sum = sum.Add(frame.AsSpan(0, 8)).Add(frame.AsSpan(FrameHeaderBytes));
                firstOff = isOfThisLog && sum.Matches(frame.AsSpan(16)) ? null : number;
            }
            else if (isOfThisLog && BinaryPrimitives.ReadUInt32BigEndian(frame.AsSpan(4)) != 0)
            {
                commitsAfter++;
            }
        }

        return commitsAfter > CommitsThatACrashLeaves
            ? FormattableString.Invariant($"{Path.GetFileName(path)} is not what was written from its page {firstOff} on, and {commitsAfter} commits follow")
            : null;
    }

    /// <summary>SQLite's own: two sums over pairs of 32-bit words, each frame going on from the one before it.</summary>
    private readonly record struct Checksum(bool BigEndian, uint First = 0, uint Second = 0)
    {
        public Checksum Add(ReadOnlySpan<byte> bytes)
        {
            (uint first, uint second) = (First, Second);
            for (; bytes.Length >= 8; bytes = bytes[8..])
            {
                first = unchecked(first + Word(bytes) + second);
                second = unchecked(second + Word(bytes[4..]) + first);
            }

            return this with { First = first, Second = second };
        }

        public bool Matches(ReadOnlySpan<byte> stored) =>
            BinaryPrimitives.ReadUInt32BigEndian(stored) == First && BinaryPrimitives.ReadUInt32BigEndian(stored[4..]) == Second;

        private uint Word(ReadOnlySpan<byte> bytes) =>
            BigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }
}
