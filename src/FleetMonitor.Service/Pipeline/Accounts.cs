using System.Security.Cryptography;
using System.Text;
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

    /// <summary>A digest of everything that <see cref="Of"/> depends on.</summary>
    public static byte[] FactsOf(FleetSnapshot fleet)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Site site in fleet.Sites.Values.Where(site => !site.SelfRegistered).OrderBy(site => site.Id, StringComparer.Ordinal))
        {
            foreach (Device device in site.Devices.Values.OrderBy(device => device.Id, StringComparer.Ordinal))
            {
                string tenants = string.Join(';', device.Tenant.Select(tenant => $"{tenant.From:O}/{tenant.To:O}/{tenant.Value}"));
                digest.AppendData(Encoding.UTF8.GetBytes($"{site.Id}\n{device.Id}\n{Billing.ClassOf(site, device.Id)}\n{tenants}\n\n"));
            }
        }

        return digest.GetHashAndReset();
    }

    public static SiteDay SiteDay(Account account, DateOnly day, in EnergyByQuality energy) => new(
        account.Site,
        day,
        account.Tenant.Length == 0 ? null : account.Tenant,
        Enum.Parse<BillingClass>(account.Class),
        energy);
}
