namespace FleetMonitor.Benchmarks.InProcess;

/// <summary>A clock that is moved by hand; timers go by the machine's.</summary>
internal sealed class SteppedClock(DateTimeOffset start) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = start;

    public override DateTimeOffset GetUtcNow() => Now;
}
