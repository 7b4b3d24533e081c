using FleetMonitor.Ledger;

namespace FleetMonitor.Service.Finance;

/// <summary>Posts what has settled, while the service runs.</summary>
internal sealed partial class SettledPostings(Bookkeeper bookkeeper, TimeProvider time, ILogger<SettledPostings> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await bookkeeper.PostSettledAsync(stoppingToken);
            }
            catch (Exception e) when (e is LedgerException or InvalidOperationException)
            {
                // The pipeline has stopped, or will: it says why itself. What is due is posted after the next start.
                LogNotPosted(log, e.Message);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Settled days were not posted: {Problem}")]
    private static partial void LogNotPosted(ILogger log, string problem);
}
