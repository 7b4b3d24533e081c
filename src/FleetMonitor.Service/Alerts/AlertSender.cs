using System.Buffers.Binary;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Http;
using FleetMonitor.Service.Influx;

namespace FleetMonitor.Service.Alerts;

/// <summary>
/// Tells one output what became of alerts, from rows that are durable, and remembers in the ledger how far it came: an output that was away for
/// a day gets all of it, in order. It reads beside the loop and never makes it wait.
/// </summary>
internal sealed partial class AlertSender(IAlertOutput output, ServiceContext context, ILogger<AlertSender> log) : BackgroundService, IMetricsSource
{
    private const int EventsAtOnce = 500;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(30);

    private readonly string _key = $"alerts/{output.Name}";
    private string? _problem;
    private long _sent;

    public override void Dispose()
    {
        (output as IDisposable)?.Dispose();
        base.Dispose();
    }

    public void Write(MetricsWriter metrics)
    {
        metrics.Gauge("fleetmonitor_alerts_up", "1 while alerts arrive there.").Value(_problem is null ? 1 : 0, ("output", output.Name));
        metrics.Counter("fleetmonitor_alerts_sent_total", "Events of alerts that arrived there.").Value(Interlocked.Read(ref _sent), ("output", output.Name));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        long? reached = null;
        Instant refresh = Now();
        while (!stoppingToken.IsCancellationRequested)
        {
            Task ring = context.Engine.Decider.Alerts.Feed.Next;
            bool more = false;
            try
            {
                long from = reached ??= await StartAsync();
                (reached, more) = await SendAsync(from, stoppingToken);
                if (_problem is null && output.RefreshEvery is { } every && Now() >= refresh)
                {
                    Is(await output.RefreshAsync(stoppingToken));
                    refresh = Now().Plus(every);
                }
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested || context.Engine.Loop.HasStopped)
            {
                return;
            }
            catch (Exception e)
            {
                Is(e.Message);
            }

            if (!more)
            {
                await WaitAsync(ring, refresh, stoppingToken);
            }
        }
    }

    /// <summary>Where the last process came to. One that is new begins now: it is not told the past.</summary>
    private async Task<long> StartAsync()
    {
        long last;
        using (LedgerReader ledger = LedgerReader.Open(context.Engine.Ledger.Files))
        {
            if (ledger.State(_key) is { } kept)
            {
                return BinaryPrimitives.ReadInt64LittleEndian(kept);
            }

            last = ledger.LastAlertEvent();
        }

        await RememberAsync(last);
        return last;
    }

    private async Task<(long Reached, bool More)> SendAsync(long reached, CancellationToken cancellation)
    {
        AlertEventRow[] events;
        using (LedgerReader ledger = LedgerReader.Open(context.Engine.Ledger.Files))
        {
            events = [.. ledger.AlertEventsToTell(reached, EventsAtOnce)];
        }

        if (events.Length == 0)
        {
            return (reached, false);
        }

        AlertDelivery delivery = await output.SendAsync(events, cancellation);
        if (delivery.Done > 0)
        {
            reached = events[delivery.Done - 1].Sequence;
            Interlocked.Add(ref _sent, delivery.Done);
            await RememberAsync(reached);
        }

        Is(delivery.Problem);
        return (reached, delivery.Problem is null);
    }

    private Task RememberAsync(long reached) => context.Engine.Loop.AskAsync(decider =>
    {
        byte[] state = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(state, reached);
        decider.Add(commit => commit.State[_key] = state);
        return true;
    });

    private async Task WaitAsync(Task ring, Instant refresh, CancellationToken cancellation)
    {
        TimeSpan wait = _problem is null ? LookEvery : Retries.BreakFor;
        if (_problem is null && output.RefreshEvery is not null && refresh - Now() is var due && due < wait)
        {
            wait = due;
        }

        if (wait > TimeSpan.Zero)
        {
            Task time = Task.Delay(wait, context.Time, cancellation);
            // What rings while something is in the way only waits behind it.
            await (_problem is null ? Task.WhenAny(ring, time) : time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Is(string? problem)
    {
        if (problem is not null && _problem is null)
        {
            LogWaiting(log, output.Name, problem);
        }
        else if (problem is null && _problem is not null)
        {
            LogArrive(log, output.Name);
        }

        _problem = problem;
    }

    private Instant Now() => Instant.From(context.Time.GetUtcNow());

    [LoggerMessage(LogLevel.Warning, "Alerts for {Output} wait: {Problem}")]
    private static partial void LogWaiting(ILogger log, string output, string problem);

    [LoggerMessage(LogLevel.Information, "Alerts arrive at {Output} again")]
    private static partial void LogArrive(ILogger log, string output);
}
