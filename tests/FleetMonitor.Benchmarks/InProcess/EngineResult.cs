using System.Globalization;

namespace FleetMonitor.Benchmarks.InProcess;

/// <summary>What a phase took in a service that was fed in process; what feeding took is not in it.</summary>
/// <param name="PointsSent">Since the process began.</param>
internal sealed record EngineResult(
    double Readings,
    double Seconds,
    double CpuSeconds,
    double Commits,
    double CommitSeconds,
    double LongestCommitSeconds,
    double WrittenBytes,
    double ResidentMegabytes,
    double ManagedMegabytes,
    double PointsSent)
{
    public double CpuSecondsPerMillion => CpuSeconds * 1_000_000 / Readings;

    public double CommitMilliseconds => 1_000 * CommitSeconds / Commits;

    public double PerSecond => Readings / Seconds;

    public static EngineResult Parse(string text)
    {
        double[] values = [.. text.Split(' ').Select(value => double.Parse(value, CultureInfo.InvariantCulture))];
        return new EngineResult(values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7], values[8], values[9]);
    }

    public override string ToString() => string.Join(
        ' ',
        ((double[])[
            Readings, Seconds, CpuSeconds, Commits, CommitSeconds, LongestCommitSeconds, WrittenBytes, ResidentMegabytes, ManagedMegabytes, PointsSent,
        ]).Select(value => value.ToString("R", CultureInfo.InvariantCulture)));
}
