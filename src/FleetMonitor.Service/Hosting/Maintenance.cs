using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Service.Hosting;

/// <summary>Lets go of what is kept beyond its age or budget: readings, refused messages. What goes is counted and said.</summary>
internal sealed partial class Maintenance(ServiceContext context, ILogger<Maintenance> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, context.Time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Instant before = Instant.From(context.Time.GetUtcNow()).Minus(context.Settings.Ledger.KeepReadings);
            long dropped = await context.Engine.Loop.AskAsync(_ => context.Engine.Ledger.DropEvidence(before));
            if (dropped > 0)
            {
                LogDropped(log, dropped, before);
            }

            int most = context.Settings.Ledger.MaxQuarantine;
            int refused = await context.Engine.Loop.AskAsync(_ => context.Engine.Ledger.TrimQuarantine(most));
            if (refused > 0)
            {
                LogTrimmed(log, refused, most);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "Let go of {Readings} readings from before {Before}")]
    private static partial void LogDropped(ILogger log, long readings, Instant before);

    [LoggerMessage(LogLevel.Warning, "Let go of the {Refused} oldest refused messages: no more than {Most} are kept (Ledger:MaxQuarantine)")]
    private static partial void LogTrimmed(ILogger log, int refused, int most);
}
