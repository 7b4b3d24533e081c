namespace FleetMonitor.Fleet;

/// <summary>What names a device everywhere: the site it stands on and its id there.</summary>
public readonly record struct DeviceKey(string Site, string Device)
{
    public override string ToString() => $"{Site}/{Device}";
}
