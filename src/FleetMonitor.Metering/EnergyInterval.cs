using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Metering;

/// <summary>How an interval's energy is known.</summary>
public enum EnergyQuality : byte
{
    /// <summary>The difference of two register readings.</summary>
    Register,

    /// <summary>The trapezoid under two power samples no further apart than the longest gap that still counts as measured.</summary>
    Integrated,

    /// <summary>Filled in across a longer gap, by the site's gap policy.</summary>
    Estimated,
}

/// <summary>Energy between two consecutive readings of one device: <c>From &lt; To</c>.</summary>
public readonly record struct EnergyInterval(Instant From, Instant To, Energy Energy, EnergyQuality Quality);
