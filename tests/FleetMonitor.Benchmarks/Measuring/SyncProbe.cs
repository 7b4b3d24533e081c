using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace FleetMonitor.Benchmarks.Measuring;

/// <summary>How long the disk below a folder takes to make a page durable: appends of 4 KiB, each followed by a sync.</summary>
internal static class SyncProbe
{
    private const int Page = 4096;

    /// <returns>Milliseconds of each sync.</returns>
    public static IReadOnlyList<double> Measure(string folder, int count)
    {
        string path = Path.Combine(folder, "sync-probe");
        byte[] page = new byte[Page];
        var milliseconds = new List<double>(count);
        using (SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.Write))
        {
            for (int i = 0; i < count; i++)
            {
                long began = Stopwatch.GetTimestamp();
                RandomAccess.Write(file, page, (long)i * Page);
                RandomAccess.FlushToDisk(file);
                milliseconds.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
        }

        File.Delete(path);
        return milliseconds;
    }
}
