using FleetMonitor.Benchmarks.Measuring;

namespace FleetMonitor.Benchmarks.EndToEnd;

/// <summary>One way to load the service.</summary>
/// <param name="ThroughBroker">By way of mosquitto, with a mosquitto_sub beside; otherwise straight into the service's listener.</param>
/// <param name="WithInflux">The service writes its points to an influxd; a second one, that makes none, gets the same readings beside it.</param>
/// <param name="Interval">Of each rig; zero is flat out.</param>
/// <param name="WarmUpSeconds">How much is not measured: compiling, the first sight of each device, and the time until what comes settles.</param>
/// <param name="SliceSeconds">How long one measurement takes.</param>
/// <param name="Slices">Measurements that follow each other within one run.</param>
internal sealed record Scenario(
    string Name, bool ThroughBroker, bool WithInflux, int Rigs, TimeSpan Interval, int Connections, int WarmUpSeconds, int SliceSeconds, int Slices)
{
    public int Seconds => WarmUpSeconds + (SliceSeconds * Slices);
}

/// <summary>What one process took for the readings of the measured time.</summary>
internal sealed record Share(string Process, double CpuSecondsPerMillion, double CpuPercent, double PeakMegabytes);

/// <param name="PerSecond">Readings that the service acknowledged, each after its commit.</param>
/// <param name="PointsPerMinute">That arrived in InfluxDB.</param>
/// <param name="Shares">By process.</param>
internal sealed record Outcome(
    double PerSecond, double CommitMilliseconds, double ReadingsPerCommit, double PointsPerMinute, IReadOnlyList<Share> Shares)
{
    public double CpuOf(string process) => Shares.Single(share => share.Process == process).CpuSecondsPerMillion;
}

/// <summary>One start of everything.</summary>
/// <param name="PublishedPerSecond">What publishers got acknowledged, over all of the publishing.</param>
/// <param name="LongestCommitMilliseconds">Since the service's start.</param>
/// <param name="BacklogAtEnd">Published and not yet committed when publishing ended.</param>
/// <param name="WorstBacklog">The most that the broker kept for its subscribers, looked at once a second; null without a broker.</param>
/// <param name="DrainSeconds">From the end of publishing until all of it was committed.</param>
internal sealed record RunOutcome(
    double PublishedPerSecond,
    double LongestCommitMilliseconds,
    double BacklogAtEnd,
    double? WorstBacklog,
    double DrainSeconds,
    IReadOnlyList<Outcome> Slices);

/// <summary>Where everything stood at one moment.</summary>
internal sealed record Moment(long Timestamp, ServiceMetrics Service, IReadOnlyDictionary<string, ProcessUsage> Usage);
