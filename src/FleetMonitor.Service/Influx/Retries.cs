using FleetMonitor.Ledger;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace FleetMonitor.Service.Influx;

/// <summary>
/// How a store that is out of reach is tried again: a few times soon, with jitter or when it asks for it; after that a circuit breaker gives it
/// rest. It gives up within seconds, so that whoever waits can look after other things in between.
/// </summary>
internal static class Retries
{
    public static readonly TimeSpan BreakFor = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    public static TimeSpan Bounded(TimeSpan wait) => wait < ShortestWait ? ShortestWait : wait > LongestWait ? LongestWait : wait;

    public static ResiliencePipeline<PointAnswer> Create(TimeProvider time)
    {
        // The breaker closes by the wall clock.
        PredicateBuilder<PointAnswer> unavailable = new PredicateBuilder<PointAnswer>().HandleResult(answer => answer.Verdict == PointVerdict.Unavailable);
        return new ResiliencePipelineBuilder<PointAnswer> { TimeProvider = new SteadyTime(time) }
            .AddRetry(new RetryStrategyOptions<PointAnswer>
            {
                ShouldHandle = unavailable,
                MaxRetryAttempts = 3,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(200),
                UseJitter = true,
                DelayGenerator = static arguments => new ValueTask<TimeSpan?>(
                    arguments.Outcome.Result?.RetryAfter is { } after ? Bounded(after) : null),
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<PointAnswer>
            {
                ShouldHandle = unavailable,
                FailureRatio = 0.9,
                MinimumThroughput = 8,
                SamplingDuration = TimeSpan.FromSeconds(30),
                BreakDuration = BreakFor,
            })
            .Build();
    }
}
