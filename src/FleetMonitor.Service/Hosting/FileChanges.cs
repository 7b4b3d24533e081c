using System.Globalization;

namespace FleetMonitor.Service.Hosting;

/// <summary>Notices that a file was written anew. Looking beats being told: it works on every file system, and an editor's three writes are one change.</summary>
internal static class FileChanges
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>Changes whenever the file does, also where it is a link that is set anew, as certificate tools and containers do.</summary>
    public static string Stamp(string file)
    {
        try
        {
            string target = File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file;
            return target + File.GetLastWriteTimeUtc(target).Ticks.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.GetType().Name;
        }
    }

    /// <summary>Calls back after each change, one at a time, until it is told to stop.</summary>
    /// <param name="seen">The stamp of what was read already.</param>
    public static async Task WatchAsync(string file, string seen, TimeProvider time, Func<Task> changed, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        while (await timer.WaitForNextTickAsync(stop))
        {
            string stamp = Stamp(file);
            if (stamp != seen)
            {
                seen = stamp;
                await changed();
            }
        }
    }
}
