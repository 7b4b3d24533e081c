using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Service.Influx;

/// <summary>What the way to the time-series store is doing.</summary>
public enum InfluxState
{
    /// <summary>Nothing was sent yet.</summary>
    Starting,

    /// <summary>The last write arrived.</summary>
    Sending,

    /// <summary>The store is down, overloaded or out of reach; points wait.</summary>
    Unavailable,

    /// <summary>The store refuses us: a person has to act. Points wait.</summary>
    Denied,
}

/// <summary>One look at it, for metrics and pages.</summary>
/// <param name="Lag">Age of the oldest point that waits; zero where none does.</param>
/// <param name="Entries">Outbox entries that wait.</param>
/// <param name="Bytes">What they take on disk.</param>
/// <param name="Sent">Points that arrived since the start of the process.</param>
/// <param name="Rejected">Points that the store refused for good, since the start of the process.</param>
/// <param name="Dropped">Points that left the outbox unsent for want of room, since the ledger was made.</param>
/// <param name="Problem">What is wrong, in words; null where nothing is.</param>
public sealed record InfluxStatus(
    InfluxState State, TimeSpan Lag, long Entries, long Bytes, long Sent, long Rejected, long Dropped, string? Problem);

/// <summary>Counts what waits in the outbox and what became of it. The loop counts entries in and out; the sender the rest; any thread reads.</summary>
internal sealed class OutboxGauge(TimeProvider time)
{
    private long _entries;
    private long _bytes;
    private long _sent;
    private long _rejected;
    private long _dropped;
    private long _oldest = long.MaxValue;
    private volatile string? _problem;
    private volatile int _state;

    public long Entries => Interlocked.Read(ref _entries);

    public long Bytes => Interlocked.Read(ref _bytes);

    public long Dropped => Interlocked.Read(ref _dropped);

    public InfluxStatus Status
    {
        get
        {
            long oldest = Interlocked.Read(ref _oldest);
            TimeSpan lag = Entries == 0 || oldest == long.MaxValue ? TimeSpan.Zero : Instant.From(time.GetUtcNow()) - new Instant(oldest);
            return new InfluxStatus(
                (InfluxState)_state,
                lag > TimeSpan.Zero ? lag : TimeSpan.Zero,
                Entries,
                Bytes,
                Interlocked.Read(ref _sent),
                Interlocked.Read(ref _rejected),
                Dropped,
                _problem);
        }
    }

    /// <summary>What stands in the outbox at the start.</summary>
    public void Start(long entries, long bytes, Instant? oldest, long dropped)
    {
        Interlocked.Exchange(ref _entries, entries);
        Interlocked.Exchange(ref _bytes, bytes);
        Interlocked.Exchange(ref _oldest, oldest?.UnixMilliseconds ?? long.MaxValue);
        Interlocked.Exchange(ref _dropped, dropped);
    }

    public void Entered(int bytes, Instant windows)
    {
        Interlocked.Increment(ref _entries);
        Interlocked.Add(ref _bytes, bytes);
        if (Interlocked.Read(ref _oldest) == long.MaxValue)
        {
            Interlocked.Exchange(ref _oldest, windows.UnixMilliseconds);
        }
    }

    public void Left(int entries, long bytes)
    {
        Interlocked.Add(ref _entries, -entries);
        Interlocked.Add(ref _bytes, -bytes);
    }

    /// <summary>The oldest window among those read from the outbox; null where it is empty.</summary>
    public void Oldest(Instant? windows) => Interlocked.Exchange(ref _oldest, windows?.UnixMilliseconds ?? long.MaxValue);

    public void Sent(long points, long rejected)
    {
        Interlocked.Add(ref _sent, points);
        Interlocked.Add(ref _rejected, rejected);
    }

    public void Drop(long points) => Interlocked.Add(ref _dropped, points);

    /// <returns>True where the state or the problem is news.</returns>
    public bool Is(InfluxState state, string? problem)
    {
        bool news = _state != (int)state || _problem != problem;
        _state = (int)state;
        _problem = problem;
        return news;
    }
}
