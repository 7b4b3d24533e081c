using Polly;
using Polly.Retry;

namespace FleetMonitor.Service.Mqtt;

/// <summary>
/// Tries again to connect, however long it takes, with growing, jittered pauses of up to five seconds, so that a fleet of clients does not
/// come back all at once.
/// </summary>
internal static class Redial
{
    /// <param name="passing">What failed, where a new attempt may mend it; null for an attempt that is the last one.</param>
    /// <param name="report">Takes a sentence at the first failure.</param>
    /// <returns>The last attempt.</returns>
    public static async Task<T> UntilDoneAsync<T>(
        Func<CancellationToken, Task<T>> attempt, Func<T, string?> passing, string broker, TimeProvider time, Action<string> report, CancellationToken cancellation)
    {
        ResiliencePipeline<T> pipeline = new ResiliencePipelineBuilder<T> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<T>
            {
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is null && passing(arguments.Outcome.Result!) is not null),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(100),
                MaxDelay = TimeSpan.FromSeconds(5),
                UseJitter = true,
                OnRetry = arguments =>
                {
                    if (arguments.AttemptNumber == 0)
                    {
                        report($"{broker}: {passing(arguments.Outcome.Result!)}; trying again");
                    }

                    return ValueTask.CompletedTask;
                },
            })
            .Build();
        return await pipeline.ExecuteAsync(async token => await attempt(token), cancellation);
    }
}
