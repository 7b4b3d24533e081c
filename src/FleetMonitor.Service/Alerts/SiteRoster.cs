using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Fleet;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Alerts;

/// <summary>
/// Which devices of a site go together, by what the fleet file says now. Looks at who reports steadily, and counts groups, when somebody asks: once
/// a look, and again when facts changed.
/// </summary>
internal sealed class SiteRoster(string site, ShardSet shards) : ISiteRoster
{
    private readonly Dictionary<DeviceGroup, int> _counts = [];
    private readonly List<TrackedDevice> _new = [];
    private (Site? Facts, int Devices) _counted;
    private int _steady;
    private bool _looked;

    public int Devices
    {
        get
        {
            if (!_looked)
            {
                _looked = true;
                _steady += _new.RemoveAll(ReportsSteadily);
            }

            return _steady;
        }
    }

    /// <summary>A device that was not heard of before.</summary>
    public void Add(TrackedDevice device) => _new.Add(device);

    /// <summary>Time has passed: who asks gets to know who reports steadily by now.</summary>
    public void LookAgain() => _looked = false;

    public bool Counts(string device) => shards.Find(new DeviceKey(site, device)) is { } tracked && ReportsSteadily(tracked);

    public IEnumerable<DeviceGroup> GroupsOf(string device) =>
        shards.Fleet.Current.Site(site) is { } facts && facts.Devices.TryGetValue(device, out Device? listed) ? GroupsOf(listed, facts) : [];

    public int CountOf(DeviceGroup group)
    {
        Site? facts = shards.Fleet.Current.Site(site);
        if (_counted != (facts, Devices))
        {
            Count(facts);
            _counted = (facts, Devices);
        }

        return _counts.GetValueOrDefault(group);
    }

    private static bool ReportsSteadily(TrackedDevice device) => device.TakeOutWatch().ReportsSteadily;

    private void Count(Site? facts)
    {
        _counts.Clear();
        foreach (Device device in facts?.Devices.Values ?? [])
        {
            if (!Counts(device.Id))
            {
                continue;
            }

            foreach (DeviceGroup group in GroupsOf(device, facts!))
            {
                _counts[group] = _counts.GetValueOrDefault(group) + 1;
            }
        }
    }

    /// <summary>Its rack, itself where it feeds others, and all that feed it.</summary>
    private static IEnumerable<DeviceGroup> GroupsOf(Device device, Site facts)
    {
        if (device.Rack is { } rack)
        {
            yield return new DeviceGroup(GroupLevel.Rack, rack);
        }

        for (Device? feeder = device.Role == DeviceRole.Rig ? Feeder(device, facts) : device; feeder is not null; feeder = Feeder(feeder, facts))
        {
            yield return new DeviceGroup(GroupLevel.Feeder, feeder.Id);
        }
    }

    private static Device? Feeder(Device device, Site facts) => device.FedBy is { } id ? facts.Devices.GetValueOrDefault(id) : null;
}
