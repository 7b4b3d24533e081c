using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Influx;

/// <summary>
/// Sums site windows again from kept readings, where a late share came or a stop lost what was summed. It asks the loop for a few devices at a
/// time and rests in between, so that readings never wait long for it.
/// </summary>
internal sealed partial class SiteWindowRemaker(ServiceContext context, InfluxProjection projection, ILogger<SiteWindowRemaker> log)
    : BackgroundService
{
    private const int DevicesAtOnce = 200;

    /// <summary>How much longer it rests than it works.</summary>
    private const int RestFactor = 10;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, context.Time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                KeyValuePair<SiteHour, long>[] hours = await context.Engine.Loop.AskAsync(_ => projection.SiteWindows.Hours.ToArray());
                foreach ((SiteHour hour, long mark) in hours.OrderBy(hour => hour.Key.Start.UnixMilliseconds))
                {
                    await RemakeAsync(hour, mark, stoppingToken);
                }
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested || context.Engine.Loop.HasStopped)
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

    private async Task RemakeAsync(SiteHour hour, long mark, CancellationToken cancellation)
    {
        // What is summed here from now on stays out: it would be summed of some devices only.
        Instant through = await context.Engine.Loop.AskAsync(_ => projection.SiteWindows.RemadeThrough);
        var sums = new SortedDictionary<Instant, SiteSums>(Comparer<Instant>.Default);
        for (int next = 0; ; next += DevicesAtOnce)
        {
            long started = context.Time.GetTimestamp();
            int first = next;
            if (!await context.Engine.Loop.AskAsync(decider => SumDevices(decider.Shards, first, hour, through, sums)))
            {
                break;
            }

            await Task.Delay(context.Time.GetElapsedTime(started) * RestFactor, context.Time, cancellation);
        }

        bool taken = await context.Engine.Loop.AskAsync(_ =>
        {
            if (!projection.SiteWindows.Remade(hour, mark))
            {
                return false;
            }

            foreach ((Instant window, SiteSums sum) in sums)
            {
                projection.AddSite(hour.Site, window, sum);
            }

            return true;
        });
        if (taken)
        {
            LogRemade(log, sums.Count, hour.Site, hour.Start);
        }
    }

    /// <returns>False where there are no more devices.</returns>
    private bool SumDevices(ShardSet shards, int first, SiteHour hour, Instant through, SortedDictionary<Instant, SiteSums> sums)
    {
        if (first >= shards.Devices.Count)
        {
            return false;
        }

        Instant end = hour.Start.Plus(SiteHour.Length);
        Instant made = through.Plus(context.Settings.Metering.Window);
        Instant to = made < end ? made : end;
        Site? site = shards.Fleet.Current.Site(hour.Site);
        foreach (TrackedDevice device in shards.Devices.Skip(first).Take(DevicesAtOnce).Where(device => device.Key.Site == hour.Site))
        {
            foreach (DeviceWindow window in KeptWindows.Of(device, context.Engine.Ledger.BlocksFrom, hour.Start, to))
            {
                SiteSums sum = sums.GetValueOrDefault(window.Start);
                sum.Add(WindowShare.Of(window, site, device.Key.Device));
                sums[window.Start] = sum;
            }
        }

        return true;
    }

    [LoggerMessage(LogLevel.Error, "Summing site windows again failed; it is tried again")]
    private static partial void LogFailed(ILogger log, Exception e);

    [LoggerMessage(LogLevel.Information, "Summed {Windows} windows of {Site} again, of the hour from {Hour}")]
    private static partial void LogRemade(ILogger log, int windows, string site, Instant hour);
}
