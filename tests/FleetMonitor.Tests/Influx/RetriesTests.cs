using FleetMonitor.Ledger;
using FleetMonitor.Service.Influx;
using FleetMonitor.Tests.Mqtt;
using Polly;
using Polly.CircuitBreaker;
using Xunit;

namespace FleetMonitor.Tests.Influx;

public sealed class RetriesTests
{
    [Fact]
    public async Task Store_ThatIsWellAgain_IsTriedAfterItsRest_AlthoughTheClockWasSetBack()
    {
        var time = new SettableTime();
        ResiliencePipeline<PointAnswer> retries = Retries.Create(time);
        var answer = new PointAnswer(PointVerdict.Unavailable, "down");
        // Four attempts each: with the eighth the breaker opens.
        await retries.ExecuteAsync(_ => ValueTask.FromResult(answer));
        await Assert.ThrowsAsync<BrokenCircuitException>(async () =>
        {
            await retries.ExecuteAsync(_ => ValueTask.FromResult(answer));
            await retries.ExecuteAsync(_ => ValueTask.FromResult(answer));
        });

        time.SetBy(TimeSpan.FromHours(-2));
        time.Advance(Retries.BreakFor);
        answer = new PointAnswer(PointVerdict.Taken);

        Assert.Equal(PointVerdict.Taken, (await retries.ExecuteAsync(_ => ValueTask.FromResult(answer))).Verdict);
    }

    /// <summary>Time that moves when a test says so, and a clock that can be set; whoever waits has waited.</summary>
    private sealed class SettableTime : TimeProvider
    {
        private readonly ManualTime _passing = new();
        private TimeSpan _set;

        public override long TimestampFrequency => _passing.TimestampFrequency;

        public void SetBy(TimeSpan by) => _set += by;

        public void Advance(TimeSpan by) => _passing.Advance(by);

        public override DateTimeOffset GetUtcNow() => _passing.GetUtcNow().AddDays(365) + _set;

        public override long GetTimestamp() => _passing.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ITimer timer = _passing.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                ThreadPool.QueueUserWorkItem(_ => callback(state));
            }

            return timer;
        }
    }
}
