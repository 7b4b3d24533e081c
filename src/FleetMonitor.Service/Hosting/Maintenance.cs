using FleetMonitor.Fleet.Units;
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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var evidence = new EvidenceKeeper(context.Engine, context.Settings.Ledger);
        using var timer = new PeriodicTimer(Every, context.Time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach ((string reason, long readings) in await evidence.TurnAsync(Instant.From(context.Time.GetUtcNow()), stoppingToken))
            {
                LogDropped(log, readings, reason);
            }

            int most = context.Settings.Ledger.MaxQuarantine;
            int refused = await context.Engine.Loop.AskAsync(_ => context.Engine.Ledger.TrimQuarantine(most));
            if (refused > 0)
            {
                LogTrimmed(log, refused, most);
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

    [LoggerMessage(LogLevel.Warning, "Let go of the {Refused} oldest refused messages: no more than {Most} are kept (Ledger:MaxQuarantine)")]
    private static partial void LogTrimmed(ILogger log, int refused, int most);

    [LoggerMessage(LogLevel.Warning, "Let go of the {Rejects} oldest lots of points that the store refused: no more than {Most} are kept")]
    private static partial void LogRejectsTrimmed(ILogger log, int rejects, int most);
}
