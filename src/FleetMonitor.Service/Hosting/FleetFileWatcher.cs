using FleetMonitor.Fleet;
using FleetMonitor.Service.Configuration;

namespace FleetMonitor.Service.Hosting;

/// <summary>Reads the fleet file again when it changes, and keeps the last good one where it is bad.</summary>
internal sealed partial class FleetFileWatcher(ServiceContext context, ILogger<FleetFileWatcher> log) : BackgroundService
{
    /// <summary>Looking beats being told: it works on every file system, and an editor's three writes are one change.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (context.Settings.Fleet.File is not { } file)
        {
            return;
        }

        DateTime seen = File.GetLastWriteTimeUtc(file);
        using var timer = new PeriodicTimer(LookEvery, context.Time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            DateTime written = File.GetLastWriteTimeUtc(file);
            if (written == seen)
            {
                continue;
            }

            seen = written;
            var problems = new List<string>();
            if (SiteFiles.LoadFleet(context.Settings, problems) is { } fleet)
            {
                int metered = await context.Engine.TakeFleetAsync(fleet);
                LogTaken(log, file, fleet.Sites.Count, fleet.Sites.Values.Sum(site => site.Devices.Count), metered);
            }
            else
            {
                LogRefused(log, file, string.Join(Environment.NewLine, problems));
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "{File} was read again: {Sites} sites, {Devices} devices; {Metered} devices were metered again by new rules")]
    private static partial void LogTaken(ILogger log, string file, int sites, int devices, int metered);

    [LoggerMessage(LogLevel.Error, "{File} is bad and was not taken; the last good one holds:\n{Problems}")]
    private static partial void LogRefused(ILogger log, string file, string problems);
}
