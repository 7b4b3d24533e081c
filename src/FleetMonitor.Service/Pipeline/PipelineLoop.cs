using System.Threading.Channels;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Telemetry;
using FleetMonitor.Telemetry.Sources;

namespace FleetMonitor.Service.Pipeline;

/// <summary>What the loop is doing, for readiness and for people.</summary>
public enum PipelineHealth
{
    Stopped,

    Running,

    /// <summary>The disk is full: readings wait at the broker, and go on when there is room.</summary>
    DiskFull,

    /// <summary>The ledger failed: the process has to stop.</summary>
    Failed,
}

/// <summary>
/// Runs the flow:
/// <code>
///   sources ──▶ bounded queue ──▶ batch ──▶ Decider ──▶ ILedger.Commit (fsync) ──▶ acks
///      ▲                                                       │
///      └── no room: reading stops                              └──▶ projections read from the ledger
/// </code>
/// While one batch is in its fsync the next one gathers, so that batches grow with load by themselves. A message after a silence is committed
/// at once, those that follow on its heels gather for some milliseconds, a flood goes in thousands. Whoever brings a message while the loop
/// has nothing to do runs one batch on its own thread: a quiet service changes threads as seldom as it can.
/// </summary>
internal sealed partial class PipelineLoop : IMessageReceiver, IAsyncDisposable
{
    private const int TrimEvery = 64;
    private static readonly TimeSpan FullDiskRetry = TimeSpan.FromSeconds(1);

    private readonly Decider _decider;
    private readonly ILedger _ledger;
    private readonly PipelineCounters _counters;
    private readonly PipelineLoopOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Channel<Item> _queue = Channel.CreateUnbounded<Item>(
        new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly QueueRoom _room;
    private readonly CancellationTokenSource _ending = new();
    private readonly List<RawBatch> _batches = [];
    private readonly Queue<AskItem> _asks = [];
    private readonly List<ushort> _acks = [];
    private Task _running = Task.CompletedTask;
    private TaskCompletionSource _crowded = new();
    private long? _began;
    private volatile bool _closed;
    private volatile LedgerException? _failure;
    private ITimer? _ticker;
    private Instant? _replayClock;
    private Instant _lastTick;
    private long _trimmed;

    public PipelineLoop(
        Decider decider, ILedger ledger, PipelineCounters counters, PipelineLoopOptions options, TimeProvider time, ILogger log)
    {
        (_decider, _ledger, _counters, _options, _time, _log) = (decider, ledger, counters, options, time, log);
        _room = new QueueRoom(options.QueuedMessages);
        _replayClock = options.ClockFromMessages ? decider.Shards.LastNow ?? new Instant(long.MinValue) : null;
    }

    public PipelineHealth Health { get; private set; }

    /// <summary>Completes when the loop has ended; with the failure, where the ledger failed.</summary>
    public Task Completion => _running;

    /// <summary>True once nothing more is taken: questions fail.</summary>
    public bool HasStopped => _closed;

    public void Start()
    {
        Health = PipelineHealth.Running;
        _running = Task.Run(RunAsync);
        if (!_options.ClockFromMessages)
        {
            _ticker = _time.CreateTimer(_ => _queue.Writer.TryWrite(new TickItem()), null, _options.TickEvery, _options.TickEvery);
        }
    }

    public async ValueTask ReceiveAsync(RawBatch batch, CancellationToken cancellation)
    {
        int messages = batch.Count;
        await _room.EnterAsync(messages, cancellation);
        if (_room.IsFull)
        {
            Volatile.Read(ref _crowded).TrySetResult();
        }

        if (!_queue.Writer.TryWrite(new BatchItem(batch)))
        {
            // Stopping: what is not acknowledged, the source delivers again.
            batch.Dispose();
            _room.Leave(messages);
        }
    }

    public async ValueTask<bool> SessionLostAsync(string source, Instant from, Instant to, string detail, bool isNewSession)
    {
        try
        {
            return await AskAsync(decider =>
            {
                decider.Take(new SessionGap(source, from, to, detail), isNewSession);
                return true;
            });
        }
        catch (Exception e) when (e is InvalidOperationException or LedgerException)
        {
            return false;
        }
    }

    /// <summary>
    /// Asks or tells the state something between batches, where it stands still. The answer comes once what the question changed is durable; it
    /// fails where the loop ends before.
    /// </summary>
    public Task<T> AskAsync<T>(Func<Decider, T> question)
    {
        var ask = new AskItem<T>(question);
        return _queue.Writer.TryWrite(ask)
            ? ask.Answer
            : Task.FromException<T>(new InvalidOperationException("The pipeline has stopped."));
    }

    /// <summary>Ends as it does where a commit fails: nothing more is written or acknowledged.</summary>
    public void Fail(LedgerException why)
    {
        _failure = why;
        _ending.Cancel();
        // Wakes it, where nothing else comes.
        _queue.Writer.TryWrite(new AskItem<bool>(_ => throw why));
    }

    /// <summary>Takes nothing more, decides and commits what is queued, checkpoints everything, and ends.</summary>
    public async Task StopAsync()
    {
        if (_ticker is not null)
        {
            await _ticker.DisposeAsync();
        }

        _closed = true;
        await _ending.CancelAsync();
        _queue.Writer.TryComplete();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync();
        }
        catch (LedgerException)
        {
            // Reported when it happened, and by Completion.
        }

        _ending.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (await MoreAsync())
            {
                await GatherAsync();
                await BatchAsync();
            }

            _decider.Begin(Now());
            await WriteAsync(_decider.EndWithEverything());
            Trim(_decider.JournalNeededFrom);
            Health = PipelineHealth.Stopped;
        }
        catch (Exception e)
        {
            Health = PipelineHealth.Failed;
            LogFailed(e);
            _closed = true;
            _queue.Writer.TryComplete();
            while (_asks.TryDequeue(out AskItem? ask))
            {
                ask.Fail(e);
            }

            while (_queue.Reader.TryRead(out Item? item))
            {
                (item as AskItem)?.Fail(e);
            }

            // What they bring is not taken; but a source that waits here could not be ended.
            _room.Open();
            throw;
        }
    }

    /// <summary>Where more waits already, the thread that brought the last batch goes back to its own work.</summary>
    private async ValueTask<bool> MoreAsync()
    {
        ValueTask<bool> more = _queue.Reader.WaitToReadAsync();
        if (more.IsCompleted)
        {
            await Task.Yield();
        }

        return await more;
    }

    /// <summary>
    /// Lets what follows the last batch closely gather, unless there is no more room for it to gather in. The time runs from where that batch
    /// began, and its last quarter is let off: who reads at the same pace never comes too early, and its thread need not wait for a timer's.
    /// </summary>
    private async ValueTask GatherAsync()
    {
        TimeSpan rest = _began is { } last ? _options.CommitEvery - _time.GetElapsedTime(last) : TimeSpan.Zero;
        if (rest <= _options.CommitEvery / 4 || _closed)
        {
            return;
        }

        var crowded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _crowded, crowded);
        if (!_room.IsFull)
        {
            await Task.WhenAny(Task.Delay(rest, _time), crowded.Task);
        }
    }

    private async Task BatchAsync()
    {
        _began = _time.GetTimestamp();
        _decider.Begin(Now());
        int messages = 0;
        while (messages < _options.MessagesPerBatch && _queue.Reader.TryRead(out Item? item))
        {
            switch (item)
            {
                case BatchItem { Batch: var batch }:
                    Take(batch);
                    messages += batch.Count;
                    break;
                case TickItem:
                    _decider.Tick(Now());
                    break;
                case AskItem ask:
                    _asks.Enqueue(ask);
                    break;
            }
        }

        // After the batch's messages: an answer counts everything that came before the question.
        LedgerCommit commit = _decider.End();
        if (!commit.IsEmpty)
        {
            await WriteAsync(commit);
        }

        Acknowledge();
        while (_asks.TryPeek(out AskItem? ask))
        {
            _decider.Begin(Now());
            ask.Run(_decider);
            LedgerCommit told = _decider.End();
            if (!told.IsEmpty)
            {
                await WriteAsync(told);
            }

            _asks.Dequeue().Complete();
        }

        if (_decider.JournalNeededFrom is var needed && needed - _trimmed > TrimEvery)
        {
            Trim(needed);
        }
    }

    /// <summary>Forgetting takes room too. Where there is none it waits: what is not forgotten only makes the next start longer.</summary>
    private void Trim(long before)
    {
        try
        {
            _ledger.TrimJournal(before);
            _trimmed = before;
        }
        catch (LedgerFullException e)
        {
            LogDiskFull(e.Message);
        }
    }

    private void Take(RawBatch batch)
    {
        _batches.Add(batch);
        foreach (RawPart part in batch.Parts)
        {
            ReadOnlySpan<RawMessage> messages = part.Messages.Span;
            for (int i = 0; i < messages.Length; i++)
            {
                if (i + TelemetryDecoder.Ahead < messages.Length)
                {
                    _decider.Expect(messages[i + TelemetryDecoder.Ahead]);
                }

                ref readonly RawMessage message = ref messages[i];
                if (_replayClock is { } clock && message.ReceivedAt > clock)
                {
                    _replayClock = message.ReceivedAt;
                    if (message.ReceivedAt - _lastTick >= _options.TickEvery)
                    {
                        _decider.Tick(message.ReceivedAt);
                        _lastTick = message.ReceivedAt;
                    }
                }

                _decider.Take(part.Source, message);
            }
        }
    }

    private async Task WriteAsync(LedgerCommit commit)
    {
        while (true)
        {
            if (_failure is { } failure)
            {
                throw failure;
            }

            long started = _time.GetTimestamp();
            try
            {
                _ledger.Commit(commit);
                if (Health == PipelineHealth.DiskFull)
                {
                    LogRoomAgain();
                    Health = PipelineHealth.Running;
                }

                double seconds = _time.GetElapsedTime(started).TotalSeconds;
                _counters.Commits++;
                _counters.CommitSeconds += seconds;
                _counters.LongestCommitSeconds = Math.Max(_counters.LongestCommitSeconds, seconds);
                if (commit.AlertEvents.Count > 0)
                {
                    _decider.Alerts.Feed.Ring();
                }

                return;
            }
            catch (LedgerFullException e)
            {
                if (Health != PipelineHealth.DiskFull)
                {
                    LogDiskFull(e.Message);
                    Health = PipelineHealth.DiskFull;
                }

                if (_closed)
                {
                    // Nothing of this batch was acknowledged: it comes again at the next start.
                    throw;
                }

                // Whoever ends the loop ends this wait too, and has it look once more.
                await Task.Delay(FullDiskRetry, _time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private Instant Now() => _replayClock is { } clock && clock.UnixMilliseconds != long.MinValue
        ? clock
        : Instant.From(_time.GetUtcNow());

    [LoggerMessage(LogLevel.Critical, "The ledger failed; stopping, so that nothing is acknowledged that is not safe.")]
    private partial void LogFailed(Exception e);

    [LoggerMessage(LogLevel.Error, "{Problem}")]
    private partial void LogDiskFull(string problem);

    [LoggerMessage(LogLevel.Information, "There is room on the disk again; going on.")]
    private partial void LogRoomAgain();
}
