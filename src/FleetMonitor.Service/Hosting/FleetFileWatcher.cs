using FleetMonitor.Fleet;
using FleetMonitor.Service.Configuration;

namespace FleetMonitor.Service.Hosting;

/// <summary>Reads the fleet file again when it changes, and keeps the last good one where it is bad.</summary>
internal sealed partial class FleetFileWatcher(ServiceContext context, ILogger<FleetFileWatcher> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (context.Settings.Fleet.File is not { } file)
        {
            return;
        }

        try
        {
            await FileChanges.WatchAsync(file, FileChanges.Stamp(file), context.Time, () => TakeAsync(file), stoppingToken);
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested || context.Engine.Loop.HasStopped)
        {
            // The next start reads the file as it is then.
        }
    }

    private async Task TakeAsync(string file)
    {
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

    [LoggerMessage(LogLevel.Information, "{File} was read again: {Sites} sites, {Devices} devices; {Metered} devices were metered again by new rules")]
    private static partial void LogTaken(ILogger log, string file, int sites, int devices, int metered);

    [LoggerMessage(LogLevel.Error, "{File} is bad and was not taken; the last good one holds:\n{Problems}")]
    private static partial void LogRefused(ILogger log, string file, string problems);
}
