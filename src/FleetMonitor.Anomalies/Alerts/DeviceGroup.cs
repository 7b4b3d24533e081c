namespace FleetMonitor.Anomalies.Alerts;

/// <summary>What devices have in common that can take them all down.</summary>
public enum GroupLevel : byte
{
    Site,

    /// <summary>A feeder, or a meter, with all that hangs on it.</summary>
    Feeder,

    Rack,
}

/// <summary>Devices that can go down with one cause.</summary>
/// <param name="Name">The feeder's id or the rack's name; empty for the site.</param>
public readonly record struct DeviceGroup(GroupLevel Level, string Name)
{
    private const string FeederPrefix = "feeder ";
    private const string RackPrefix = "rack ";

    public static readonly DeviceGroup Site = new(GroupLevel.Site, string.Empty);

    /// <summary>As anomalies name it: <c>rack A-07</c>; null for the site.</summary>
    public string? Code => Level switch
    {
        GroupLevel.Feeder => FeederPrefix + Name,
        GroupLevel.Rack => RackPrefix + Name,
        _ => null,
    };

    /// <summary>Reads what <see cref="Code"/> wrote.</summary>
    public static DeviceGroup Of(string? code) => code switch
    {
        not null when code.StartsWith(FeederPrefix, StringComparison.Ordinal) => new(GroupLevel.Feeder, code[FeederPrefix.Length..]),
        not null when code.StartsWith(RackPrefix, StringComparison.Ordinal) => new(GroupLevel.Rack, code[RackPrefix.Length..]),
        _ => Site,
    };
}

/// <summary>
/// Which devices of a site go together. Only those count that have reported steadily: a name that was heard once is no device that can go down.
/// </summary>
public interface ISiteRoster
{
    /// <summary>How many devices of the site count.</summary>
    int Devices { get; }

    bool Counts(string device);

    /// <summary>The groups below the site that a device belongs to.</summary>
    IEnumerable<DeviceGroup> GroupsOf(string device);

    /// <summary>How many devices of a group count.</summary>
    int CountOf(DeviceGroup group);
}
