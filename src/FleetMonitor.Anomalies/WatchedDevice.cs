using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Anomalies;

/// <summary>
/// The facts about a device that the rules need, as the fleet file states them today; the watch itself keeps only what the device's own readings
/// taught it. Most devices of a site share them.
/// </summary>
public sealed record WatchedFacts
{
    public static readonly WatchedFacts Default = new();

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

/// <summary>A device as the rules see it: its name, and its facts.</summary>
public readonly record struct WatchedDevice(DeviceKey Key, WatchedFacts Facts)
{
    public bool Registered => Facts.Registered;

    public DeviceRole Role => Facts.Role;

    public Power? NameplatePower => Facts.NameplatePower;

    public HashRate? NameplateHashRate => Facts.NameplateHashRate;

    public bool PermitMissing => Facts.PermitMissing;

    public decimal? LevyPerKwh => Facts.LevyPerKwh;
}
