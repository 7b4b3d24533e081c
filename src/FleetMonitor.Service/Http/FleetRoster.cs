using System.Security.Cryptography;
using System.Text;
using FleetMonitor.Fleet;
using FleetMonitor.Levy;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Http;

/// <summary>A site's devices in a roster: <c>First ≤ index &lt; First + Count</c>.</summary>
/// <param name="Listed">Null where nothing listed the site.</param>
/// <param name="Racks">Which of them stand together.</param>
internal sealed record RosterSite(string Id, Site? Listed, int First, int Count, Racks Racks);

/// <summary>Who is in the fleet, in the order that people read: made anew only when a device comes or the fleet file changes.</summary>
internal sealed class FleetRoster
{
    private readonly Dictionary<DeviceKey, int> _index;

    /// <param name="devices">In any order.</param>
    public FleetRoster(IEnumerable<TrackedDevice> devices, FleetSnapshot fleet)
    {
        Fleet = fleet;
        Devices =
        [
            .. devices.OrderBy(device => device.Key.Site, NaturalOrder.Instance).ThenBy(device => device.Key.Device, NaturalOrder.Instance),
        ];
        Counted = [.. Devices.Select(device => Billing.ClassOf(fleet.Site(device.Key.Site), device.Key.Device) == BillingClass.Metered)];
        _index = Enumerable.Range(0, Devices.Length).ToDictionary(index => Devices[index].Key);
        var reporting = Devices.CountBy(device => device.Key.Site).ToDictionary(StringComparer.Ordinal);
        int first = 0;
        foreach (string site in reporting.Keys.Union(fleet.Sites.Keys).Order(NaturalOrder.Instance))
        {
            int count = reporting.GetValueOrDefault(site);
            Site? listed = fleet.Site(site);
            Sites.Add(new RosterSite(site, listed, first, count, Racks.Of(listed, [.. Devices.Skip(first).Take(count).Select(device => device.Key.Device)])));
            first += count;
        }

        Version = Digest();
    }

    public FleetSnapshot Fleet { get; }

    public TrackedDevice[] Devices { get; }

    /// <summary>By index: whether the device's power is part of its site's. What a feeder already counts is not, nor is a control meter.</summary>
    public bool[] Counted { get; }

    public List<RosterSite> Sites { get; } = [];

    /// <summary>The same for the same devices in the same racks: a client that knows it need not ask for their names again.</summary>
    public string Version { get; }

    public int? IndexOf(DeviceKey key) => _index.TryGetValue(key, out int index) ? index : null;

    private string Digest()
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (TrackedDevice device in Devices)
        {
            digest.AppendData(Encoding.UTF8.GetBytes($"{device.Key.Site}/{device.Key.Device}\n"));
        }

        foreach (Racks racks in Sites.Select(site => site.Racks))
        {
            digest.AppendData(Encoding.UTF8.GetBytes($"{string.Join('\n', racks.Names)}\n{string.Join(' ', racks.Runs)}\n"));
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset(), 0, 8);
    }
}
