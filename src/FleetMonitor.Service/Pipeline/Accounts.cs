using FleetMonitor.Fleet;
using FleetMonitor.Ledger;
using FleetMonitor.Levy;
using FleetMonitor.Metering;

namespace FleetMonitor.Service.Pipeline;

/// <summary>Between the ledger's accounts and the levy's site-days.</summary>
internal static class Accounts
{
    public static Account Of(Site? site, DeviceKey key, DateOnly day) => new(
        key.Site, Billing.ClassOf(site, key.Device).ToString(), Billing.TenantOf(site, key.Device, day) ?? string.Empty);

    public static SiteDay SiteDay(Account account, DateOnly day, in EnergyByQuality energy) => new(
        account.Site,
        day,
        account.Tenant.Length == 0 ? null : account.Tenant,
        Enum.Parse<BillingClass>(account.Class),
        energy);
}
