using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Service.Hosting;

/// <summary>Lets go of readings that are older than they have to be kept; what is dropped is counted and said.</summary>
internal sealed partial class Maintenance(ServiceContext context, ILogger<Maintenance> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

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
        }
    }

    [LoggerMessage(LogLevel.Information, "Let go of {Readings} readings from before {Before}")]
    private static partial void LogDropped(ILogger log, long readings, Instant before);
}
