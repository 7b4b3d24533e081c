using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Metering;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Service.Sources;

namespace FleetMonitor.Service.Influx;

/// <summary>
/// Puts one point about the service itself into the outbox each window. It waits there like any other, so that a dashboard shows afterwards
/// what the service did while the store was away; a window without a point is one in which it did not run.
/// </summary>
internal sealed partial class ServicePoints(ServiceContext context, OutboxGauge gauge, ILogger<ServicePoints> log) : BackgroundService
{
    /// <summary>Who writes: several services may share a store.</summary>
    private readonly string _host = Environment.MachineName;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        TimeSpan length = context.Engine.Metering.Window;
        Totals before = default;
        while (!stoppingToken.IsCancellationRequested)
        {
            var now = Instant.From(context.Time.GetUtcNow());
            Instant start = DeviceWindow.StartOf(now, length);
            await Task.Delay(start.Plus(length) - now, context.Time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            try
            {
                Totals after = Count();
                await AddAsync(Window(start, before, after));
                before = after;
            }
            catch (Exception) when (context.Engine.Loop.HasStopped)
            {
                return;
            }
            catch (Exception e)
            {
                // Its readings are worth more than what it says of itself.
                LogFailed(log, e);
            }
        }
    }

    private Task AddAsync(ServiceWindow window)
    {
        var lines = new LineWriter();
        Points.Service(lines, _host, window);
        var entry = new OutboxEntry(window.Start, lines.Lines, OutboxLines.Pack(lines.Written));
        return context.Engine.Loop.AskAsync(decider =>
        {
            decider.Add(commit => commit.Outbox.Add(entry));
            gauge.Entered(entry.Lines.Length, entry.Windows);
            return true;
        });
    }

    private ServiceWindow Window(Instant start, in Totals before, in Totals after)
    {
        SourceStatus[] sources = [.. context.Sources.ToArray().Select(source => source.Status)];
        InfluxStatus points = gauge.Status;
        LedgerDisk disk = LedgerDisk.Of(context.Engine.Ledger.Files);
        return new ServiceWindow
        {
            Start = start,
            Messages = after.Messages - before.Messages,
            Readings = after.Readings - before.Readings,
            Duplicates = after.Duplicates - before.Duplicates,
            Late = after.Late - before.Late,
            Quarantined = after.Quarantined - before.Quarantined,
            Commits = after.Commits - before.Commits,
            Committing = after.Committing - before.Committing,
            Sources = sources.Length,
            SourcesConnected = sources.Count(source => source.Connected),
            PointsSent = after.PointsSent - before.PointsSent,
            PointsLost = after.PointsLost - before.PointsLost,
            OutboxBytes = points.Bytes,
            OutboxLag = points.Lag,
            LedgerBytes = disk.Bytes,
            DiskFreeBytes = disk.FreeBytes,
            MemoryBytes = Environment.WorkingSet,
            Processor = after.Processor - before.Processor,
            Uptime = context.Time.GetUtcNow() - context.Started,
        };
    }

    private Totals Count()
    {
        PipelineCounters counters = context.Engine.Counters;
        InfluxStatus points = gauge.Status;
        return new Totals(
            counters.Messages,
            counters.Readings,
            counters.Duplicates,
            counters.Late,
            counters.RefusedTotal,
            counters.Commits,
            TimeSpan.FromSeconds(counters.CommitSeconds),
            points.Sent,
            points.Rejected + points.Dropped,
            Environment.CpuUsage.TotalTime);
    }

    [LoggerMessage(LogLevel.Warning, "The window's point about the service itself is left out")]
    private static partial void LogFailed(ILogger log, Exception e);

    /// <summary>Counts since the start.</summary>
    private readonly record struct Totals(
        long Messages,
        long Readings,
        long Duplicates,
        long Late,
        long Quarantined,
        long Commits,
        TimeSpan Committing,
        long PointsSent,
        long PointsLost,
        TimeSpan Processor);
}
