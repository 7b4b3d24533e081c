using System.Security.Cryptography;

namespace FleetMonitor.Fleet;

/// <summary>What is known of the fleet at one moment: the last good fleet file, or nothing. Immutable; look-ups take constant time.</summary>
public sealed class FleetSnapshot
{
    private readonly Dictionary<string, Site> _sites;

    /// <summary>Device id to its site, or to null where several sites list the id.</summary>
    private readonly Dictionary<string, string?> _siteOfDevice;

    private FleetSnapshot(IReadOnlyCollection<Site> sites, bool hasFile)
    {
        HasFile = hasFile;
        _sites = sites.ToDictionary(site => site.Id, StringComparer.Ordinal);
        _siteOfDevice = new Dictionary<string, string?>(sites.Sum(site => site.Devices.Count), StringComparer.Ordinal);
        foreach (Site site in sites)
        {
            foreach (string device in site.Devices.Keys)
            {
                if (!_siteOfDevice.TryAdd(device, site.Id))
                {
                    _siteOfDevice[device] = null;
                }
            }
        }
    }

    /// <summary>No fleet file: sites register themselves.</summary>
    public static FleetSnapshot Empty { get; } = new([], hasFile: false);

    /// <summary>False where sites register themselves.</summary>
    public bool HasFile { get; }

    public IReadOnlyDictionary<string, Site> Sites => _sites;

    /// <summary>The file's bytes, so that what is filed by it can be frozen with it; empty where it was not read from any.</summary>
    public ReadOnlyMemory<byte> Source { get; private init; }

    /// <summary>SHA-256 of <see cref="Source"/>, lower-case hex; null where there is none.</summary>
    public string? SourceHash { get; private init; }

    public static FleetSnapshot OfFile(IReadOnlyCollection<Site> sites) => new(sites, hasFile: true);

    /// <param name="utf8">The file that lists the sites. Kept, not copied.</param>
    public static FleetSnapshot OfFile(IReadOnlyCollection<Site> sites, ReadOnlyMemory<byte> utf8) => new(sites, hasFile: true)
    {
        Source = utf8, SourceHash = Convert.ToHexStringLower(SHA256.HashData(utf8.Span)),
    };

    /// <returns>Null where the site is not known.</returns>
    public Site? Site(string id) => _sites.GetValueOrDefault(id);

    /// <returns>Null where the device is not listed on that site.</returns>
    public Device? Device(DeviceKey key) => _sites.TryGetValue(key.Site, out Site? site) ? site.Devices.GetValueOrDefault(key.Device) : null;

    /// <summary>The site that lists a device, for topics that name none (S14).</summary>
    /// <returns>Null where no site or more than one lists it.</returns>
    public string? SiteOfDevice(string device) => _siteOfDevice.GetValueOrDefault(device);

    /// <summary>True where the id alone does not say which device is meant.</summary>
    public bool IsOnSeveralSites(string device) => _siteOfDevice.TryGetValue(device, out string? site) && site is null;

    /// <summary>This fleet and one more site, which registered itself by sending. Only without a fleet file.</summary>
    public FleetSnapshot WithSelfRegistered(string id, TimeZoneInfo timeZone)
    {
        if (HasFile)
        {
            throw new InvalidOperationException("With a fleet file, a site is only registered there.");
        }

        return _sites.ContainsKey(id)
            ? this
            : new FleetSnapshot([.. _sites.Values, new Site { Id = id, TimeZone = timeZone, SelfRegistered = true }], hasFile: false);
    }
}
