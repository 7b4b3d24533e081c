namespace FleetMonitor.Benchmarks.Measuring;

/// <summary>Waits until processes have nothing left to do: a subscriber may still be taking what a publisher has long had acknowledged.</summary>
internal static class Quiet
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(300);

    /// <summary>A tenth of a core.</summary>
    private const double IdleCpuSeconds = 0.03;

    /// <returns>The processor seconds of each so far.</returns>
    public static async Task<double[]> WaitAsync(IReadOnlyList<int> processes)
    {
        double[] Now() => [.. processes.Select(process => ProcessUsage.Living(process).CpuSeconds)];
        double[] last = Now();
        while (true)
        {
            await Task.Delay(Look);
            double[] now = Now();
            if (now.Sum() - last.Sum() < IdleCpuSeconds)
            {
                return now;
            }

            last = now;
        }
    }
}
