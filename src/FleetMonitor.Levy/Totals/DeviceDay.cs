using FleetMonitor.Fleet;
using FleetMonitor.Metering;

namespace FleetMonitor.Levy;

/// <summary>The books of one device on one local day of its site.</summary>
public readonly record struct DeviceDay(DeviceKey Key, DateOnly Day, EnergyByQuality Energy);

/// <summary>
/// The same books summed to what a site-level total needs: one entry per site, local day, tenant and billing class. Kept up to date as
/// device-days change, it makes a quarter of 55,000 devices a matter of a few hundred entries.
/// </summary>
/// <param name="Tenant">Of the device on that day; null where none is stated.</param>
public readonly record struct SiteDay(string Site, DateOnly Day, string? Tenant, BillingClass Class, EnergyByQuality Energy);

/// <summary>What a device's energy counts as on its site (S12).</summary>
public enum BillingClass : byte
{
    /// <summary>Rigs, feeders and unregistered devices that no other reporting device feeds.</summary>
    Metered,

    /// <summary>Control meters.</summary>
    ControlMeter,

    /// <summary>Devices whose feeder already counts their energy.</summary>
    Fed,
}

/// <summary>Which of a site's devices are billed, and to whom (S12).</summary>
public static class Billing
{
    /// <param name="site">Null for a site that registered itself: all its devices are unregistered.</param>
    public static BillingClass ClassOf(Site? site, string device)
    {
        if (site is null || !site.Devices.TryGetValue(device, out Device? listed))
        {
            return BillingClass.Metered;
        }

        return listed.Role == DeviceRole.ControlMeter ? BillingClass.ControlMeter
            : listed.FedBy is null ? BillingClass.Metered
            : BillingClass.Fed;
    }

    public static string? TenantOf(Site? site, string device, DateOnly day) =>
        site is not null && site.Devices.TryGetValue(device, out Device? listed) ? listed.Tenant.On(day)?.Value : null;

    /// <summary>The class that the site's levy is counted on.</summary>
    public static BillingClass Billed(Site? site) =>
        site?.Basis == BillingBasis.ControlMeter ? BillingClass.ControlMeter : BillingClass.Metered;

    /// <summary>Sums device-days to site-days, in a deterministic order.</summary>
    public static IReadOnlyList<SiteDay> RollUp(IEnumerable<DeviceDay> days, Func<string, Site?> sites)
    {
        var sums = new Dictionary<(string Site, DateOnly Day, string? Tenant, BillingClass Class), EnergyByQuality>();
        foreach (DeviceDay day in days)
        {
            Site? site = sites(day.Key.Site);
            (string, DateOnly, string?, BillingClass) key = (
                day.Key.Site, day.Day, TenantOf(site, day.Key.Device, day.Day), ClassOf(site, day.Key.Device));
            sums[key] = sums.GetValueOrDefault(key) + day.Energy;
        }

        return
        [
            .. sums.Select(sum => new SiteDay(sum.Key.Site, sum.Key.Day, sum.Key.Tenant, sum.Key.Class, sum.Value))
                .OrderBy(day => day.Site, StringComparer.Ordinal).ThenBy(day => day.Day)
                .ThenBy(day => day.Tenant, StringComparer.Ordinal).ThenBy(day => day.Class),
        ];
    }
}
