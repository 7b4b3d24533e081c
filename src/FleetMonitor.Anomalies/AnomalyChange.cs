using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Anomalies;

public enum AnomalyChangeType : byte
{
    Raised,

    /// <summary>Still the same anomaly, with new evidence or another severity.</summary>
    Updated,

    Cleared,
}

/// <summary>One step in the life of an anomaly. The anomaly is whole: who keeps it replaces the row with that id.</summary>
/// <param name="At">When it was found, by our clock: the receive time of what showed it.</param>
public readonly record struct AnomalyChange(AnomalyChangeType Type, Anomaly Anomaly, Instant At);
