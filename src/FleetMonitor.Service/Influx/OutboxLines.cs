using System.IO.Compression;

namespace FleetMonitor.Service.Influx;

/// <summary>Lines as the outbox keeps them and as they travel: gzip.</summary>
internal static class OutboxLines
{
    public static byte[] Pack(ReadOnlySpan<byte> lines)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(lines);
        }

        return packed.ToArray();
    }

    public static void Unpack(byte[] packed, Stream lines)
    {
        using var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        gzip.CopyTo(lines);
    }
}
