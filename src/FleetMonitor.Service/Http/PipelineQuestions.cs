using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Http;

/// <summary>The pipeline did not answer: it stops, or waits for room on the disk.</summary>
internal sealed class PipelineAwayException(string message) : Exception(message);

internal static class PipelineQuestions
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Waits for the pipeline's answer, but not for ever: a disk that is full can be full for hours.</summary>
    /// <exception cref="PipelineAwayException">It did not come.</exception>
    public static async Task<T> OrAway<T>(this Task<T> answer, PipelineLoop loop, TimeProvider time)
    {
        try
        {
            return await answer.WaitAsync(Patience, time);
        }
        catch (TimeoutException)
        {
            // Nobody waits for it any more: should it come, it is let go.
            _ = answer.ContinueWith(
                late => (late.Result as IDisposable)?.Dispose(),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default);
            throw new PipelineAwayException(loop.Health == PipelineHealth.DiskFull
                ? "The disk is full: nothing is decided or answered until there is room."
                : "The pipeline is busy and did not answer in time; try again.");
        }
        catch (InvalidOperationException) when (loop.Health is PipelineHealth.Stopped or PipelineHealth.Failed)
        {
            throw new PipelineAwayException("The service is stopping.");
        }
    }
}
