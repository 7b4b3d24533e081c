using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Anomalies;

/// <summary>
/// The facts about a device that the rules need, as the fleet file states them today. Made anew when a fact changes; the watch itself
/// keeps only what the device's own readings taught it.
/// </summary>
public sealed record WatchedDevice(DeviceKey Key)
{
    /// <summary>False where the site is listed and the device is not. True without a fleet file: nothing can be unregistered then.</summary>
    public bool Registered { get; init; } = true;

    public DeviceRole Role { get; init; } = DeviceRole.Rig;

    public Power? NameplatePower { get; init; }

    public HashRate? NameplateHashRate { get; init; }

    /// <summary>True where permits are kept for this site and this rig has none.</summary>
    public bool PermitMissing { get; init; }

    /// <summary>The levy on one kWh of this device today; null where unrated.</summary>
    public decimal? LevyPerKwh { get; init; }
}
