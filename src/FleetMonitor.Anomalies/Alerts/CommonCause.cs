namespace FleetMonitor.Anomalies.Alerts;

/// <summary>What can be wrong with many devices at once and have one cause.</summary>
internal enum CommonCause : byte
{
    /// <summary>They went silent or stopped working: power, network, a pool.</summary>
    Drop,

    /// <summary>Their clocks are off: a time server, a gateway that stamps for them.</summary>
    Clocks,
}

/// <summary>Which devices have it.</summary>
internal readonly record struct Cause(CommonCause Common, DeviceGroup Group);

internal static class CommonCauses
{
    public static readonly CommonCause[] All = [CommonCause.Drop, CommonCause.Clocks];

    /// <summary>
    /// Whatever makes rigs go silent or stop working can be one power cut. What is a fact about one device (nobody listed it, it has no
    /// permit) stays that device's own, however many there are: null.
    /// </summary>
    public static CommonCause? Of(AnomalyKind kind) => kind switch
    {
        AnomalyKind.Offline or AnomalyKind.Stale or AnomalyKind.HashBelowBaseline or AnomalyKind.PowerWithoutHash
            or AnomalyKind.DeadHashBoard or AnomalyKind.ThermalThrottling => CommonCause.Drop,
        AnomalyKind.ClockOff => CommonCause.Clocks,
        _ => null,
    };

    /// <summary>The cause that an alert of many stands for; null for any other alert.</summary>
    public static Cause? Of(Anomaly anomaly) => anomaly switch
    {
        { Device: not null } => null,
        { Kind: AnomalyKind.SiteDrop or AnomalyKind.GroupDrop } => new Cause(CommonCause.Drop, DeviceGroup.Of(anomaly.Group)),
        { Kind: AnomalyKind.ClockOff } => new Cause(CommonCause.Clocks, DeviceGroup.Of(anomaly.Group)),
        _ => null,
    };

    public static AnomalyKind KindOf(this Cause cause) => cause switch
    {
        { Common: CommonCause.Clocks } => AnomalyKind.ClockOff,
        { Group.Level: GroupLevel.Site } => AnomalyKind.SiteDrop,
        _ => AnomalyKind.GroupDrop,
    };
}
