using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Simulation.World;

/// <summary>Writes fleet files: the same sites and devices, and every time other facts about them.</summary>
internal sealed class FleetWriter(Random random, IReadOnlyList<DeviceKey> devices, IReadOnlyDictionary<DeviceKey, Energy?> moduli, DateOnly today)
{
    private static readonly string[] Zones = ["Asia/Almaty", "Europe/Berlin", "UTC", "Asia/Kathmandu"];

    /// <summary>A fleet with all facts left to chance.</summary>
    public FleetSnapshot Write() => FleetSnapshot.OfFile([.. devices.GroupBy(device => device.Site).Select(site => new Site
    {
        Id = site.Key,
        TimeZone = TimeZoneInfo.FindSystemTimeZoneById(Zones[random.Next(Zones.Length)]),
        Basis = random.Next(4) == 0 ? BillingBasis.ControlMeter : BillingBasis.Devices,
        MaxPower = random.Next(2) == 0 ? new Power(random.NextInt64(5_000_000, 100_000_000)) : null,
        Devices = site.Where(_ => random.Next(4) > 0)
            .Select(device => Device(device, site)).ToDictionary(device => device.Id, StringComparer.Ordinal),
    })]);

    /// <summary>The same fleet with other facts, but only such as nothing is metered by.</summary>
    public FleetSnapshot WriteSameRules(FleetSnapshot fleet) => FleetSnapshot.OfFile([.. fleet.Sites.Values.Select(site => site with
    {
        Basis = random.Next(4) == 0 ? BillingBasis.ControlMeter : BillingBasis.Devices,
        Devices = site.Devices.Values
            .Select(device => device with { Tenant = Tenants(), FedBy = FedBy(device.Id, [.. site.Devices.Keys]) })
            .ToDictionary(device => device.Id, StringComparer.Ordinal),
    })]);

    private Device Device(DeviceKey key, IEnumerable<DeviceKey> site) => new()
    {
        Id = key.Device,
        Role = random.Next(6) switch { 0 => DeviceRole.ControlMeter, 1 => DeviceRole.Feeder, _ => DeviceRole.Rig },
        FedBy = FedBy(key.Device, [.. site.Select(device => device.Device)]),
        Nameplate = random.Next(3) switch
        {
            0 => null,
            1 => new Nameplate(new Power(3_250_000), null),
            _ => new Nameplate(new Power(random.NextInt64(500_000, 8_000_000)), null),
        },
        Tenant = Tenants(),
        RegisterModulus = random.Next(3) > 0 ? moduli.GetValueOrDefault(key) : null,
    };

    /// <summary>Only by one that comes before it: a fleet file in which devices feed each other in a circle is refused.</summary>
    private string? FedBy(string device, string[] site) =>
        random.Next(4) == 0 && site[random.Next(site.Length)] is var feeder && string.CompareOrdinal(feeder, device) < 0 ? feeder : null;

    private IReadOnlyList<Dated<string>> Tenants() => random.Next(3) switch
    {
        0 => [],
        1 => [new Dated<string>(new DateOnly(2020, 1, 1), null, "acme")],
        _ =>
        [
            new Dated<string>(new DateOnly(2020, 1, 1), today.AddDays(1), "acme"),
            new Dated<string>(today.AddDays(1), null, "other"),
        ],
    };
}
