using FleetMonitor.Service.Identity;

namespace FleetMonitor.Service.Hosting;

/// <summary>Reads the access file again when it changes: users and keys come and go without a restart, and who lost access is cut off.</summary>
internal sealed partial class AccessFileWatcher(ServiceContext context, ILogger<AccessFileWatcher> log) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => context.Settings.Access.File is { } file
        ? FileChanges.WatchAsync(file, FileChanges.Stamp(file), context.Time, () => TakeAsync(file), stoppingToken)
        : Task.CompletedTask;

    private Task TakeAsync(string file)
    {
        IReadOnlyList<string> problems = context.Access.ReadAgain();
        if (problems.Count == 0)
        {
            AccessList list = context.Access.Current;
            LogTaken(log, file, list.Users.Count, list.Keys.Count);
        }
        else
        {
            LogRefused(log, file, string.Join(Environment.NewLine, problems));
        }

        return Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Information, "{File} was read again: {Users} users, {Keys} keys")]
    private static partial void LogTaken(ILogger log, string file, int users, int keys);

    [LoggerMessage(LogLevel.Error, "{File} is bad and was not taken; the last good one holds:\n{Problems}")]
    private static partial void LogRefused(ILogger log, string file, string problems);
}
