using System.IO.Compression;

namespace FleetMonitor.Ledger.Store;

/// <summary>Files that are kept whole, compressed: a fleet of 55,000 devices is ten megabytes of text that says the same over and over.</summary>
internal static class Compressed
{
    public static byte[] Pack(ReadOnlySpan<byte> content)
    {
        using var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(content);
        }

        return packed.ToArray();
    }

    /// <exception cref="LedgerCorruptException">It is not what was packed.</exception>
    public static byte[] Unpack(byte[] packed)
    {
        try
        {
            using var inflate = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
            using var content = new MemoryStream();
            inflate.CopyTo(content);
            return content.ToArray();
        }
        catch (InvalidDataException e)
        {
            throw new LedgerCorruptException("a file that was filed by cannot be unpacked", e);
        }
    }
}
