using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Anomalies.Alerts;

/// <summary>An anomaly and what people and the book have done about it.</summary>
public sealed record Alert(Anomaly Anomaly)
{
    /// <summary>When the book took it in: it is held back for a moment, in case it is one of many with one cause.</summary>
    public required Instant Taken { get; init; }

    /// <summary>Whether anybody was told; what was never told is not told to be over either.</summary>
    public bool Told { get; init; }

    /// <summary>The id of the alert that stands for this one and its like.</summary>
    public string? Cause { get; init; }

    public string? AcknowledgedBy { get; init; }

    public Instant? AcknowledgedAt { get; init; }

    /// <summary>Nobody is told before then; told then if it still stands.</summary>
    public Instant? MutedUntil { get; init; }

    public bool IsMuted(Instant now) => MutedUntil is { } until && now < until;
}

/// <summary>One step: always kept, and told where <see cref="Tell"/> says so.</summary>
public readonly record struct AlertChange(AnomalyChangeType Type, Alert Alert, bool Tell);
