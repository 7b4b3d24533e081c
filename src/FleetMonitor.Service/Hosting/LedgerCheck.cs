using System.Globalization;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;

namespace FleetMonitor.Service.Hosting;

/// <summary>
/// The check that every start makes of the whole ledger: that each row is as it was written, and that SQLite finds its file sound. It has a
/// thread and a snapshot of its own, and begins once the shards are where the ledger stands, which is what a start waits for; what it does not end
/// soon after, it ends while readings come in. What it finds then stops the service as it would have refused the start.
/// </summary>
internal sealed partial class LedgerCheck : IDisposable
{
    private static readonly TimeSpan NewsEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan MostRest = TimeSpan.FromMilliseconds(50);

    private readonly LedgerReader _ledger;

    /// <summary>Who interrupts the reader must not meet who has done with it.</summary>
    private readonly Lock _looking = new();
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly long _started;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private bool _hasLooked;
    private volatile bool _stopping;
    private volatile bool _isLate;
    private long _worked;
    private long _news;
    private long _ended;
    private long _looked;
    private long _all;

    private LedgerCheck(LedgerFiles files, TimeProvider time, ILogger log)
    {
        (_ledger, _time, _log) = (LedgerReader.Open(files), time, log);
        _started = _news = _worked = time.GetTimestamp();
        _thread = new Thread(Run) { IsBackground = true, Name = "ledger check" };
        _thread.Start();
    }

    /// <summary>Completes when all was looked at; with a <see cref="LedgerCorruptException"/> where it is not what was written.</summary>
    public Task Completion => _completion.Task;

    public LedgerCheckState State => !Completion.IsCompleted ? LedgerCheckState.Running
        : Completion.IsFaulted ? LedgerCheckState.Damaged : LedgerCheckState.Sound;

    /// <summary>How long it took, or has taken so far.</summary>
    public TimeSpan Took => Interlocked.Read(ref _ended) is not 0 and var ended ? _time.GetElapsedTime(_started, ended) : _time.GetElapsedTime(_started);

    /// <summary>The share of the rows that was looked at, 1 once the check has ended.</summary>
    public double Share => State == LedgerCheckState.Sound ? 1
        : Interlocked.Read(ref _all) is > 0 and var all ? Math.Min((double)Interlocked.Read(ref _looked) / all, 0.999) : 0;

    public static LedgerCheck Start(LedgerFiles files, TimeProvider time, ILogger log) => new(files, time, log);

    /// <summary>Waits for the end of the check, but no longer than that.</summary>
    /// <exception cref="LedgerCorruptException">It has found damage.</exception>
    public void Wait(TimeSpan most)
    {
        // The thread sets the outcome last: nothing that waits for it runs on it.
        if (Task.WaitAny([Completion], most) == 0)
        {
            Completion.GetAwaiter().GetResult();
        }

        _isLate = true;
    }

    /// <summary>As <see cref="Completion"/>, for who can do nothing else meanwhile: from now on it does not rest.</summary>
    public Task FinishAsync()
    {
        _isLate = false;
        return Completion;
    }

    /// <summary>Waits for the end of the check.</summary>
    /// <returns>The damage that it found, null where it found none.</returns>
    public LedgerException? Damage()
    {
        Task.WaitAny(FinishAsync());
        return Completion.Exception?.InnerException as LedgerException;
    }

    /// <summary>Completes once the check has found damage; never where it finds none.</summary>
    public async Task<LedgerException> DamageAsync()
    {
        try
        {
            await Completion;
        }
        catch (LedgerException damage)
        {
            return damage;
        }
        catch (OperationCanceledException)
        {
            // Stopping, and nothing was found until then.
        }

        return await new TaskCompletionSource<LedgerException>().Task;
    }

    public void Dispose()
    {
        _stopping = true;
        while (!_thread.Join(TimeSpan.FromMilliseconds(20)))
        {
            // It may have been between two questions.
            lock (_looking)
            {
                if (!_hasLooked)
                {
                    _ledger.Interrupt();
                }
            }
        }

        _ledger.Dispose();
        _completion.TrySetCanceled();
        _ = Completion.Exception;
    }

    private void Run()
    {
        try
        {
            (string? fault, long rows, _) = _ledger.RowFault(looked: Looked);
            if ((fault ?? _ledger.IntegrityProblem()) is { } off)
            {
                throw new LedgerCorruptException(off);
            }

            // The log of the ledger cannot start over while somebody still looks at what stood before.
            lock (_looking)
            {
                _hasLooked = true;
                _ledger.Dispose();
            }

            Interlocked.Exchange(ref _ended, _time.GetTimestamp());
            if (Took > NewsEvery)
            {
                LogSound(_log, rows, Took.TotalSeconds);
            }

            _completion.TrySetResult();
        }
        catch (Exception) when (_stopping)
        {
            _completion.TrySetCanceled();
        }
        catch (LedgerCorruptException e)
        {
            _completion.TrySetException(e);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever damage makes of what is read, it is damage.
            _completion.TrySetException(new LedgerCorruptException(string.Create(CultureInfo.InvariantCulture, $"it cannot be read ({e.Message})"), e));
        }
    }

    private void Looked(long rows, long all)
    {
        if (_isLate && !_stopping)
        {
            // It rests as long as it works, for readings come first. A low priority would not do: each garbage collection waits for the thread.
            Thread.Sleep(TimeSpan.FromTicks(Math.Min(_time.GetElapsedTime(_worked).Ticks, MostRest.Ticks)));
        }

        _worked = _time.GetTimestamp();
        Interlocked.Exchange(ref _looked, rows);
        Interlocked.Exchange(ref _all, all);
        if (_time.GetElapsedTime(_news) > NewsEvery)
        {
            _news = _time.GetTimestamp();
            LogProgress(_log, rows, all);
        }
    }

    [LoggerMessage(LogLevel.Information, "The ledger is being checked: {Rows} of {All} rows are as they were written")]
    private static partial void LogProgress(ILogger log, long rows, long all);

    [LoggerMessage(LogLevel.Information, "The ledger is sound: {Rows} rows are as they were written; checked in {Seconds:F1} s")]
    private static partial void LogSound(ILogger log, long rows, double seconds);
}

internal enum LedgerCheckState
{
    Running,

    Sound,

    Damaged,
}
