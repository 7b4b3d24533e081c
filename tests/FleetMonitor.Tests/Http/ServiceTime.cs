namespace FleetMonitor.Tests.Http;

/// <summary>A clock that stands where a test put it. What only waits, waits in real time.</summary>
internal sealed class ServiceTime(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Now;

    public override long GetTimestamp() => Now.Ticks;
}
