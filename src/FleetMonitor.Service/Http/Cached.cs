namespace FleetMonitor.Service.Http;

/// <summary>
/// Something that costs the pipeline time, made once for all who ask: no more often than every <paramref name="least"/>, and where it takes
/// long, so seldom that making it takes a twentieth of the time, but for a machine that is slow with everything.
/// </summary>
internal sealed class Cached<T>(Func<Task<T>> make, TimeSpan least, TimeProvider time)
{
    private const int Share = 20;
    private static readonly TimeSpan Most = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private Task<T>? _current;
    private long _made;
    private TimeSpan _age;

    public Task<T> GetAsync()
    {
        lock (_lock)
        {
            bool fresh = _current is { IsCompleted: false } || (_current is { IsCompletedSuccessfully: true } && time.GetElapsedTime(_made) < _age);
            return fresh ? _current! : _current = MakeAsync();
        }
    }

    private async Task<T> MakeAsync()
    {
        long started = time.GetTimestamp();
        T made = await make();
        lock (_lock)
        {
            TimeSpan cost = time.GetElapsedTime(started) * Share;
            (_made, _age) = (time.GetTimestamp(), cost < least ? least : cost > Most ? Most : cost);
        }

        return made;
    }
}
