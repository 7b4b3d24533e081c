using System.Diagnostics;
using FleetMonitor.Benchmarks.Measuring;

namespace FleetMonitor.Benchmarks.Store;

/// <summary>How long the service takes until it serves.</summary>
internal static class StartTime
{
    /// <summary>Starts it on a ledger and kills it again, so that the next start finds the same.</summary>
    /// <returns>Seconds.</returns>
    public static async Task<double> MeasureAsync(string ledger)
    {
        long began = Stopwatch.GetTimestamp();
        await using ServiceProcess service = await ServiceProcess.StartAsync(ledger, null);
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        await service.KillAsync();
        return seconds;
    }

    public static double Bytes(string ledger) => new DirectoryInfo(ledger).EnumerateFiles().Sum(file => (double)file.Length);
}
