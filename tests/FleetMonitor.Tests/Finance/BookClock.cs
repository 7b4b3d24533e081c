using System.Globalization;

namespace FleetMonitor.Tests.Finance;

/// <summary>A clock that stands where a test puts it. Its timers never fire: time passes in the books by acts alone.</summary>
internal sealed class BookClock(string now) : TimeProvider
{
    public DateTimeOffset Now { get; private set; } = Parse(now);

    public void Set(string time) => Now = Parse(time);

    public override DateTimeOffset GetUtcNow() => Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new StandingTimer();

    private static DateTimeOffset Parse(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);

    private sealed class StandingTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
