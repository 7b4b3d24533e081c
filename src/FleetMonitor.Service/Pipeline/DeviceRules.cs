using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry.Profiles;

namespace FleetMonitor.Service.Pipeline;

/// <summary>From the fleet's facts to what a device is metered and watched by.</summary>
internal static class DeviceRules
{
    /// <summary>Where no profile says better: one watt-hour.</summary>
    public static readonly RegisterTraits DefaultTraits = new(null, new Energy(1_000_000));

    /// <summary>What the register can plausibly do (S7): twice the nameplate; for control meters 1.2 × the site's maximum power.</summary>
    public static MeterLimits Limits(Site? site, Device? device, MeteringOptions options, RegisterTraits traits)
    {
        Power power = device switch
        {
            { Nameplate: { } nameplate } => new Power(nameplate.Power.Milliwatts * 2),
            { Role: DeviceRole.ControlMeter } when site?.MaxPower is { } maximum => new Power(maximum.Milliwatts * 12 / 10),
            _ => options.MaxDevicePower,
        };
        return new MeterLimits(power, traits.DisplayStep, device?.RegisterModulus ?? traits.Modulus);
    }

    public static WatchedFacts Watched(Site? site, Device? device, decimal? levyPerKwh) => new()
    {
        Registered = device is not null || site is null or { SelfRegistered: true },
        Role = device?.Role ?? DeviceRole.Rig,
        NameplatePower = device?.Nameplate?.Power,
        NameplateHashRate = device?.Nameplate?.HashRate,
        PermitMissing = device is { Role: DeviceRole.Rig, ImportPermit: null } && site!.KeepsImportPermits,
        LevyPerKwh = levyPerKwh,
    };
}
