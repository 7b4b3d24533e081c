using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Pipeline;
using Polly;
using Polly.CircuitBreaker;

namespace FleetMonitor.Service.Influx;

/// <summary>
/// Sends what waits in the outbox, oldest first, and takes it out when the store has it:
/// <code>
///   ledger's outbox ──▶ batch ──▶ retry ▸ breaker ▸ store ──▶ done, refused ──▶ ledger (with the loop's next commit)
/// </code>
/// It reads beside the loop and never makes it wait. What it cannot send stays, within the budget; past it the oldest leaves, counted.
/// </summary>
internal sealed partial class OutboxSender : BackgroundService
{
    public const int BatchLines = 10_000;
    private const int BatchBytes = 4 * 1024 * 1024;
    private const int RowsAtOnce = 4_096;

    /// <summary>How long it waits where nothing does; a point is late by a window anyway.</summary>
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RetryDenied = TimeSpan.FromSeconds(15);

    private readonly PipelineLoop _loop;
    private readonly Func<int, IEnumerable<OutboxRow>> _oldest;
    private readonly InfluxSettings _settings;
    private readonly OutboxGauge _gauge;
    private readonly IPointSink _sink;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ResiliencePipeline<PointAnswer> _pipeline;

    /// <param name="loop">Commits what becomes of entries.</param>
    /// <param name="oldest">Reads so many of the oldest entries, beside the loop.</param>
    public OutboxSender(
        PipelineLoop loop,
        Func<int, IEnumerable<OutboxRow>> oldest,
        InfluxSettings settings,
        OutboxGauge gauge,
        IPointSink sink,
        TimeProvider time,
        ILogger<OutboxSender> log)
    {
        (_loop, _oldest, _settings, _gauge, _sink, _time, _log) = (loop, oldest, settings, gauge, sink, time, log);
        _pipeline = Retries.Create(time);
    }

    /// <summary>The oldest entries of a ledger's outbox, of one moment.</summary>
    public static IEnumerable<OutboxRow> Oldest(LedgerFiles files, int atMost)
    {
        using LedgerReader ledger = LedgerReader.Open(files);
        foreach (OutboxRow row in ledger.Outbox(after: 0, atMost))
        {
            yield return row;
        }
    }

    /// <summary>Keeps to the budget, and sends what waits longest.</summary>
    /// <returns>How long to wait before the next turn.</returns>
    public async Task<TimeSpan> TurnAsync(CancellationToken cancellation)
    {
        await KeepBudgetAsync();
        return _gauge.Entries == 0 ? Idle : await SendBatchAsync(cancellation);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            TimeSpan wait;
            try
            {
                wait = await TurnAsync(stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested || _loop.HasStopped)
            {
                // What was sent and is not yet taken out is sent again by the next process, the same bytes.
                return;
            }
            catch (Exception e)
            {
                // Points are not worth the service: readings go on, and the points wait.
                LogFailed(_log, e);
                wait = Retries.BreakFor;
            }

            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <returns>How long to wait before the next one.</returns>
    private async Task<TimeSpan> SendBatchAsync(CancellationToken cancellation)
    {
        Batch batch = ReadBatch();
        _gauge.Oldest(batch.Oldest);
        if (batch.Ids.Count == 0)
        {
            return Idle;
        }

        DeliveryResult result;
        try
        {
            var delivery = new Delivery(async (lines, token) => await _pipeline.ExecuteAsync(async inner => await _sink.WriteAsync(lines, inner), token));
            result = await delivery.RunAsync(batch.Lines, cancellation);
        }
        catch (BrokenCircuitException e)
        {
            return e.RetryAfter is { } after && after > Idle ? after : Retries.BreakFor;
        }

        if (result.Stopped is { } answer)
        {
            bool denied = answer.Verdict == PointVerdict.Denied;
            if (_gauge.Is(denied ? InfluxState.Denied : InfluxState.Unavailable, answer.Reason))
            {
                LogWaiting(_log, answer.Reason);
            }

            return denied ? RetryDenied : Retries.Bounded(answer.RetryAfter ?? Retries.BreakFor);
        }

        if (_gauge.Is(InfluxState.Sending, null))
        {
            LogSending(_log, _settings.Url!);
        }

        await TakeOutAsync(batch, result);
        return TimeSpan.Zero;
    }

    private Batch ReadBatch()
    {
        var ids = new List<long>();
        var lines = new MemoryStream();
        long packed = 0;
        int points = 0;
        Instant? oldest = null;
        foreach ((long id, OutboxEntry entry) in _oldest(RowsAtOnce))
        {
            oldest = oldest is { } known && known < entry.Windows ? known : entry.Windows;
            OutboxLines.Unpack(entry.Lines, lines);
            ids.Add(id);
            packed += entry.Lines.Length;
            points += entry.Points;
            if (points >= BatchLines || lines.Length >= BatchBytes)
            {
                break;
            }
        }

        return new Batch(ids, lines.GetBuffer().AsMemory(0, (int)lines.Length), points, packed, oldest);
    }

    private async Task TakeOutAsync(Batch batch, DeliveryResult result)
    {
        var at = Instant.From(_time.GetUtcNow());
        int refused = result.Refused.Sum(reason => reason.Value.Count);
        await _loop.AskAsync(decider =>
        {
            decider.Add(commit =>
            {
                commit.OutboxDone.AddRange(batch.Ids);
                foreach ((string reason, List<ReadOnlyMemory<byte>> lines) in result.Refused)
                {
                    commit.PointRejects.Add(new PointReject(at, reason, lines.Count, Delivery.Join(lines)));
                }
            });
            _gauge.Left(batch.Ids.Count, batch.Packed);
            return true;
        });
        _gauge.Sent(batch.Points - refused, refused);
        foreach ((string reason, List<ReadOnlyMemory<byte>> lines) in result.Refused)
        {
            LogRefused(_log, lines.Count, reason);
        }
    }

    /// <summary>Lets the oldest entries go where the outbox takes more room than it may.</summary>
    private async Task KeepBudgetAsync()
    {
        while (_gauge.Bytes > _settings.MaxOutboxBytes)
        {
            var ids = new List<long>();
            long bytes = 0;
            long points = 0;
            Instant? first = null;
            Instant? last = null;
            // A little more than has to be: not one commit for every entry that comes.
            long excess = _gauge.Bytes - _settings.MaxOutboxBytes + (_settings.MaxOutboxBytes / 256);
            foreach ((long id, OutboxEntry entry) in _oldest(RowsAtOnce))
            {
                ids.Add(id);
                bytes += entry.Lines.Length;
                points += entry.Points;
                first = first is { } f && f < entry.Windows ? f : entry.Windows;
                last = last is { } l && l > entry.Windows ? l : entry.Windows;
                if (bytes >= excess)
                {
                    break;
                }
            }

            if (ids.Count == 0)
            {
                return;
            }

            await _loop.AskAsync(decider =>
            {
                _gauge.Left(ids.Count, bytes);
                _gauge.Drop(points);
                decider.Add(commit =>
                {
                    commit.OutboxDone.AddRange(ids);
                    commit.State[InfluxProjection.DroppedKey] = InfluxProjection.DroppedState(_gauge.Dropped);
                });
                return true;
            });
            LogDropped(_log, points, first!.Value, last!.Value);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Points wait: {Problem}")]
    private static partial void LogWaiting(ILogger log, string problem);

    [LoggerMessage(LogLevel.Error, "Sending points failed; it is tried again")]
    private static partial void LogFailed(ILogger log, Exception e);

    [LoggerMessage(LogLevel.Information, "Points arrive at {Url}")]
    private static partial void LogSending(ILogger log, Uri url);

    [LoggerMessage(LogLevel.Error, "{Points} points were refused for good and are kept with the reason: {Reason}")]
    private static partial void LogRefused(ILogger log, int points, string reason);

    [LoggerMessage(
        LogLevel.Error,
        "The outbox is full (Influx:MaxOutboxMb): {Points} points of windows from {First} to {Last} were let go; 'fleetmonitor influx refill' makes them again")]
    private static partial void LogDropped(ILogger log, long points, Instant first, Instant last);

    private sealed record Batch(IReadOnlyList<long> Ids, ReadOnlyMemory<byte> Lines, int Points, long Packed, Instant? Oldest);
}
