using FleetMonitor.Fleet;

namespace FleetMonitor.Service.Pipeline;

/// <summary>
/// The fleet as it is known now: the last good fleet file, or the sites that registered themselves. Replaced whole, so that every reader sees
/// one consistent fleet.
/// </summary>
public sealed class FleetState(FleetSnapshot snapshot, TimeZoneInfo defaultTimeZone)
{
    /// <summary>A site is a decision, not a typing error: without a fleet file no more than this many come to be by being sent.</summary>
    public const int MaxSelfRegistered = 100;

    private volatile FleetSnapshot _current = snapshot;

    public FleetSnapshot Current => _current;

    /// <summary>Another for each fleet, of some tens of thousands; never 0.</summary>
    public ushort Version { get; private set; } = 1;

    public TimeZoneInfo DefaultTimeZone { get; } = defaultTimeZone;

    /// <summary>Takes a fleet file that was read anew.</summary>
    public void Replace(FleetSnapshot snapshot)
    {
        _current = snapshot;
        Version = Version == ushort.MaxValue ? (ushort)1 : (ushort)(Version + 1);
    }

    /// <summary>
    /// The site, which without a fleet file registers itself by being asked for; null where a fleet file does not list it, or where too many
    /// have registered themselves.
    /// </summary>
    public Site? SiteOrRegister(string id)
    {
        if (_current.Site(id) is { } known)
        {
            return known;
        }

        if (_current.HasFile || _current.Sites.Count >= MaxSelfRegistered)
        {
            return null;
        }

        Replace(_current.WithSelfRegistered(id, DefaultTimeZone));
        return _current.Site(id);
    }
}
