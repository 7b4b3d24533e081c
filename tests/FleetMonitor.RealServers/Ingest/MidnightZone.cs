using System.Buffers.Binary;
using System.Text;

namespace FleetMonitor.RealServers.Ingest;

/// <summary>
/// A time zone in which it is soon midnight, so that a test sees one pass without waiting for a day. It is a file of time-zone data (RFC 9636)
/// beside the system's own, found by the environment variable <c>TZDIR</c>.
/// </summary>
internal sealed class MidnightZone
{
    public const string Id = "Test/Midnight";

    private const string SystemZones = "/usr/share/zoneinfo";

    private MidnightZone(string folder, DateTimeOffset midnight) => (Folder, Midnight) = (folder, midnight);

    public string Folder { get; }

    /// <summary>When it is midnight there.</summary>
    public DateTimeOffset Midnight { get; }

    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["TZDIR"] = Folder };

    /// <param name="earliest">The first whole minute from then on is its midnight.</param>
    public static MidnightZone Create(string parent, DateTimeOffset earliest)
    {
        long minute = (earliest.ToUnixTimeSeconds() + 59) / 60;
        var midnight = DateTimeOffset.FromUnixTimeSeconds(minute * 60);
        int before = (int)midnight.TimeOfDay.TotalMinutes;
        int offset = before <= 12 * 60 ? -before : (24 * 60) - before;

        string folder = Directory.CreateDirectory(Path.Combine(parent, "zoneinfo")).FullName;
        foreach (string entry in Directory.EnumerateFileSystemEntries(SystemZones))
        {
            File.CreateSymbolicLink(Path.Combine(folder, Path.GetFileName(entry)), entry);
        }

        Directory.CreateDirectory(Path.Combine(folder, "Test"));
        File.WriteAllBytes(Path.Combine(folder, Id), FixedOffset(TimeSpan.FromMinutes(offset)));
        return new MidnightZone(folder, midnight);
    }

    /// <summary>Version 1: a header that counts one type and its abbreviation, then both.</summary>
    private static byte[] FixedOffset(TimeSpan offset)
    {
        byte[] data = new byte[44 + 6 + 4];
        "TZif"u8.CopyTo(data);
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(36), 1);
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(40), 4);
        BinaryPrimitives.WriteInt32BigEndian(data.AsSpan(44), (int)offset.TotalSeconds);
        Encoding.ASCII.GetBytes("TST\0").CopyTo(data, 50);
        return data;
    }
}
