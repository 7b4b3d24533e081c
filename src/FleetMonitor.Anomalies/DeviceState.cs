namespace FleetMonitor.Anomalies;

/// <summary>What a device is doing right now, for counts and pages.</summary>
public enum DeviceState : byte
{
    /// <summary>Never heard of.</summary>
    Unknown,

    /// <summary>Fresh with hash rate or, for a device that never reported one, power above 5 % of nameplate.</summary>
    Mining,

    /// <summary>Fresh otherwise.</summary>
    Idle,

    /// <summary>Nothing new for StaleAfter, whether silent or repeating old values.</summary>
    Stale,

    /// <summary>Silent for OfflineAfter, or its last will said so.</summary>
    Offline,
}

public static class DeviceStateCodes
{
    public static string Code(this DeviceState state) => state switch
    {
        DeviceState.Unknown => "unknown",
        DeviceState.Mining => "mining",
        DeviceState.Idle => "idle",
        DeviceState.Stale => "stale",
        DeviceState.Offline => "offline",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };
}
