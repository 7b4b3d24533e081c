using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Metering;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Influx;

/// <summary>
/// Sums site windows again from kept readings, where a late share came or a stop lost what was summed. It asks the loop for a few devices at a
/// time and rests in between, so that readings never wait long for it.
/// </summary>
internal sealed partial class SiteWindowRemaker(
    PipelineLoop loop, ILedger ledger, TimeSpan windowLength, InfluxProjection projection, TimeProvider time, ILogger<SiteWindowRemaker> log)
    : BackgroundService
{
    private const int DevicesAtOnce = 200;

    /// <summary>How much longer it rests than it works.</summary>
    private const int RestFactor = 10;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await TurnAsync(stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested || loop.HasStopped)
            {
                // Marked hours are kept, and made again by the next process.
                return;
            }
            catch (Exception e)
            {
                LogFailed(log, e);
            }
        }
    }

    /// <summary>Sums again all that is marked now.</summary>
    public async Task TurnAsync(CancellationToken cancellation)
    {
        KeyValuePair<SiteHour, long>[] hours = await loop.AskAsync(_ => projection.SiteWindows.Hours.ToArray());
        foreach ((SiteHour hour, long mark) in hours.OrderBy(hour => hour.Key.Start.UnixMilliseconds))
        {
            await RemakeAsync(hour, mark, cancellation);
        }
    }

    private async Task RemakeAsync(SiteHour hour, long mark, CancellationToken cancellation)
    {
        // What is summed here from now on stays out: it would be summed of some devices only.
        Instant through = await loop.AskAsync(_ => projection.SiteWindows.RemadeThrough);
        var sums = new KeptSums();
        for (int next = 0; ; next += DevicesAtOnce)
        {
            long started = time.GetTimestamp();
            int first = next;
            if (!await loop.AskAsync(decider => SumDevices(decider.Shards, first, hour, through, sums)))
            {
                break;
            }

            await Task.Delay(time.GetElapsedTime(started) * RestFactor, time, cancellation);
        }

        bool taken = await loop.AskAsync(_ =>
        {
            if (!projection.SiteWindows.Remade(hour, mark))
            {
                return false;
            }

            foreach ((Instant window, SiteSums sum) in sums.Whole)
            {
                projection.AddSite(hour.Site, window, sum);
            }

            return true;
        });
        if (taken)
        {
            LogRemade(log, sums.Whole.Count(), hour.Site, hour.Start);
        }
    }

    /// <returns>False where there are no more devices.</returns>
    private bool SumDevices(ShardSet shards, int first, SiteHour hour, Instant through, KeptSums sums)
    {
        if (first >= shards.Devices.Count)
        {
            return false;
        }

        Instant end = hour.Start.Plus(SiteHour.Length);
        Instant made = through.Plus(windowLength);
        Instant to = made < end ? made : end;
        Site? site = shards.Fleet.Current.Site(hour.Site);
        IEnumerable<int> ids = Enumerable.Range(first, Math.Min(DevicesAtOnce, shards.Devices.Count - first));
        foreach (TrackedDevice device in ids.Select(id => shards.Devices[id]).Where(device => device.Key.Site == hour.Site))
        {
            sums.Add(ledger.HoursStand(device.Id));
            foreach (DeviceWindow window in KeptWindows.Of(device, ledger.BlocksFrom, hour.Start, to))
            {
                sums.Add(window.Start, WindowShare.Of(window, site, device.Key.Device));
            }
        }

        return true;
    }

    [LoggerMessage(LogLevel.Error, "Summing site windows again failed; it is tried again")]
    private static partial void LogFailed(ILogger log, Exception e);

    [LoggerMessage(LogLevel.Information, "Summed {Windows} windows of {Site} again, of the hour from {Hour}")]
    private static partial void LogRemade(ILogger log, int windows, string site, Instant hour);
}
