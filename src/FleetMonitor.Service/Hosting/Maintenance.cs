using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Evidence;

namespace FleetMonitor.Service.Hosting;

/// <summary>Lets go of what is kept beyond its age or budget: readings, refused messages. What goes is counted and said.</summary>
internal sealed partial class Maintenance(ServiceContext context, ILogger<Maintenance> log) : BackgroundService
{
    /// <summary>
    /// Lots of points that the time-series store refused, a few hundred kilobytes each: enough to see why. The points themselves are made again
    /// from kept readings by <c>influx refill</c>.
    /// </summary>
    private const int MaxPointRejects = 1_000;

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    /// <summary>Others say how fast refused messages come: gigabytes may in a minute.</summary>
    private static readonly TimeSpan QuarantineEvery = TimeSpan.FromSeconds(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(UntilStoppedAsync(KeepAsync, stoppingToken), UntilStoppedAsync(KeepQuarantineAsync, stoppingToken));

    /// <summary>The loop stops first, or fails, and says why itself. What is left to let go of goes after the next start.</summary>
    private async Task UntilStoppedAsync(Func<CancellationToken, Task> keep, CancellationToken stoppingToken)
    {
        try
        {
            await keep(stoppingToken);
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested || context.Engine.Loop.HasStopped)
        {
            // Stopped where it was.
        }
    }

    private async Task KeepQuarantineAsync(CancellationToken stoppingToken)
    {
        LedgerSettings settings = context.Settings.Ledger;
        var quarantine = new QuarantineKeeper(context.Engine, settings);
        using var timer = new PeriodicTimer(QuarantineEvery, context.Time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (await quarantine.TurnAsync(stoppingToken) is > 0 and var refused)
            {
                LogTrimmed(log, refused, settings.MaxQuarantine, settings.MaxQuarantineBytes / 1_000_000_000);
            }
        }
    }

    private async Task KeepAsync(CancellationToken stoppingToken)
    {
        var evidence = new EvidenceKeeper(context.Engine, context.Settings.Ledger);
        using var timer = new PeriodicTimer(Every, context.Time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach ((string reason, long readings) in await evidence.TurnAsync(Instant.From(context.Time.GetUtcNow()), stoppingToken))
            {
                LogDropped(log, readings, reason);
            }

            int rejects = await context.Engine.Loop.AskAsync(_ => context.Engine.Ledger.TrimPointRejects(MaxPointRejects));
            if (rejects > 0)
            {
                context.Engine.Counters.PointRejectsLetGo += rejects;
                LogRejectsTrimmed(log, rejects, MaxPointRejects);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Let go of {Readings} kept readings because of their {Reason}; their hours stay")]
    private static partial void LogDropped(ILogger log, long readings, string reason);

    [LoggerMessage(LogLevel.Warning, "Let go of the {Refused} oldest refused messages: no more than {Most} are kept (Ledger:MaxQuarantine), nor than {Gigabytes} GB of them (Ledger:MaxQuarantineGB)")]
    private static partial void LogTrimmed(ILogger log, long refused, int most, long gigabytes);

    [LoggerMessage(LogLevel.Warning, "Let go of the {Rejects} oldest lots of points that the store refused: no more than {Most} are kept")]
    private static partial void LogRejectsTrimmed(ILogger log, int rejects, int most);
}
