using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Metering;

/// <summary>Why no energy stands for a stretch of time.</summary>
public enum GapReason : byte
{
    /// <summary>No power sample for longer than the longest gap.</summary>
    NoPower,

    /// <summary>The register changed by what no device can draw, so the difference says nothing.</summary>
    RegisterUnusable,
}

/// <param name="FoundAt">The time of the reading that ended the gap and so made it known.</param>
public readonly record struct Gap(Instant From, Instant To, GapReason Reason, Instant FoundAt);

/// <summary>Takes what metering finds out, reading by reading.</summary>
public interface IMeterSink
{
    /// <summary>Energy on one local day; negative where provisional energy is taken back.</summary>
    void Add(DateOnly day, EnergyQuality quality, Energy energy);

    void Add(in Gap gap);

    /// <summary>A register reading covers all gaps that start at or after <paramref name="from"/>: they are none.</summary>
    void CoverGaps(Instant from);

    void Add(in MeterEvent meterEvent);
}
