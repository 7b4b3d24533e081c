using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Simulation.World;

/// <summary>
/// The world's clock. It stands still but for <see cref="Advance"/> and <see cref="Jump"/>, and a delay is over at once, with the clock moved on. The service's loop asks
/// it for the time before it looks what is there: held at that door, the loop finds exactly what the world put there, whatever the machine's
/// threads do.
/// </summary>
internal sealed class SimulatedTime(Instant start) : TimeProvider
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _arrived = new(0);
    private readonly SemaphoreSlim _open = new(0);
    private volatile bool _doorClosed;
    private long _now = start.UnixMilliseconds;
    private long _passed;
    private Ticker? _ticker;

    public Instant Now => new(Interlocked.Read(ref _now));

    public override long TimestampFrequency => 1_000;

    public void Advance(TimeSpan by)
    {
        Jump(by);
        Interlocked.Add(ref _passed, by.Ticks / TimeSpan.TicksPerMillisecond);
    }

    /// <summary>Sets the clock, forward or back, while no time passes.</summary>
    public void Jump(TimeSpan by) => Interlocked.Add(ref _now, by.Ticks / TimeSpan.TicksPerMillisecond);

    public void CloseDoor() => _doorClosed = true;

    public void AwaitAtDoor()
    {
        if (!_arrived.Wait(Patience))
        {
            throw new TimeoutException("The service's loop did not come to look for messages.");
        }
    }

    public void OpenDoor() => _open.Release();

    public void Tick() => _ticker?.Fire();

    public override DateTimeOffset GetUtcNow()
    {
        if (_doorClosed)
        {
            _doorClosed = false;
            _arrived.Release();
            _open.Wait();
        }

        return Now.ToDateTimeOffset();
    }

    public override long GetTimestamp() => Interlocked.Read(ref _passed);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Ticker(callback, state);
        if (period != Timeout.InfiniteTimeSpan)
        {
            _ticker = timer;
        }
        else if (dueTime != Timeout.InfiniteTimeSpan)
        {
            Advance(dueTime);
            ThreadPool.QueueUserWorkItem(_ => timer.Fire());
        }

        return timer;
    }

    private sealed class Ticker(TimerCallback callback, object? state) : ITimer
    {
        private volatile bool _disposed;

        public void Fire()
        {
            if (!_disposed)
            {
                callback(state);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() => _disposed = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
