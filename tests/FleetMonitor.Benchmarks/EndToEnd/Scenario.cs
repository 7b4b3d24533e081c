namespace FleetMonitor.Benchmarks.EndToEnd;

/// <summary>One way to load the service.</summary>
/// <param name="ThroughBroker">By way of mosquitto, with a mosquitto_sub beside; otherwise straight into the service's listener.</param>
/// <param name="Interval">Of each rig; zero is flat out.</param>
/// <param name="Seconds">How long it is published.</param>
/// <param name="WarmUpSeconds">How much of it is not measured: compiling, and the first sight of each device.</param>
internal sealed record Scenario(string Name, bool ThroughBroker, int Rigs, TimeSpan Interval, int Connections, int Seconds, int WarmUpSeconds);

/// <summary>What one process took for the readings of the measured time.</summary>
internal sealed record Share(string Process, double CpuSecondsPerMillion, double CpuPercent, double PeakMegabytes);

/// <param name="Readings">Acknowledged by the service, each after its commit, within the measured time.</param>
/// <param name="PublishedPerSecond">What publishers got acknowledged, over all of the publishing.</param>
/// <param name="BacklogAtEnd">Published and not yet committed when publishing ended.</param>
/// <param name="WorstBacklog">The most that the broker kept for its subscribers, looked at once a second; null without a broker.</param>
/// <param name="DrainSeconds">From the end of publishing until all of it was committed.</param>
internal sealed record Outcome(
    double Readings,
    double PerSecond,
    double PublishedPerSecond,
    double BacklogAtEnd,
    double? WorstBacklog,
    double DrainSeconds,
    double CommitMilliseconds,
    double LongestCommitMilliseconds,
    double ReadingsPerCommit,
    IReadOnlyList<Share> Shares);
