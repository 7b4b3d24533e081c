using System.Collections.Concurrent;

namespace FleetMonitor.Service.Pipeline;

/// <summary>What the pipeline has done since it started: for <c>/metrics</c>, logs and summaries. One thread writes, any reads.</summary>
public sealed class PipelineCounters
{
    private readonly ConcurrentDictionary<string, long> _refused = new(StringComparer.Ordinal);

    public long Messages { get; set; }

    public long Readings { get; set; }

    public long Duplicates { get; set; }

    public long Conflicts { get; set; }

    public long Late { get; set; }

    /// <summary>Older than what is kept: listed, outside totals.</summary>
    public long TooLate { get; set; }

    /// <summary>Delivered because retained: no news.</summary>
    public long Retained { get; set; }

    public long NoProfile { get; set; }

    public long NoMeasurement { get; set; }

    public long Presence { get; set; }

    public long Commits { get; set; }

    public long Acknowledged { get; set; }

    public long SessionGaps { get; set; }

    /// <summary>Lots of points that the time-series store had refused, and that are no longer kept.</summary>
    public long PointRejectsLetGo { get; set; }

    /// <summary>Refused messages that are no longer kept.</summary>
    public long QuarantineLetGo { get; set; }

    /// <summary>What refused messages take on the disk, as of some seconds ago.</summary>
    public long QuarantineBytes { get; set; }

    public long AnomaliesRaised { get; set; }

    /// <summary>What kept readings take on the disk, as of a minute ago at most.</summary>
    public long EvidenceBytes { get; set; }

    /// <summary>Kept readings that were ever let go, by reason.</summary>
    public IReadOnlyDictionary<string, long> EvidenceDropped { get; set; } = new Dictionary<string, long>();

    /// <summary>Seconds spent in commits, and in the longest one.</summary>
    public double CommitSeconds { get; set; }

    public double LongestCommitSeconds { get; set; }

    /// <summary>Quarantined messages by reason.</summary>
    public IReadOnlyDictionary<string, long> Refused => _refused;

    public long RefusedTotal => _refused.Values.Sum();

    public void CountRefused(string reason) => _refused.AddOrUpdate(reason, 1, static (_, count) => count + 1);
}
