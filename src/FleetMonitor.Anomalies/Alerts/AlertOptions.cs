namespace FleetMonitor.Anomalies.Alerts;

/// <summary>How alerts of one site are held back and grouped.</summary>
public sealed record AlertOptions
{
    /// <summary>What makes an alert of many, or of a site, a warning or critical: the same as for one device.</summary>
    public required StakeLevels Levels { get; init; }

    /// <summary>How long an alert that a power cut or the like could be behind waits for the others.</summary>
    public TimeSpan HoldBack { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Alerts taken within this time of each other can have one cause.</summary>
    public TimeSpan GroupWithin { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Share of the site's devices that makes a drop of the site.</summary>
    public double SiteShare { get; init; } = 0.10;

    /// <summary>And at least this many devices.</summary>
    public int SiteLeast { get; init; } = 5;

    /// <summary>Share of the devices on one feeder or in one rack that makes a drop of those: nearly all, or it is not the feeder.</summary>
    public double GroupShare { get; init; } = 0.80;

    /// <summary>And at least this many devices.</summary>
    public int GroupLeast { get; init; } = 3;

    /// <summary>A drop is over when no more than this share of the most that were down at once still is; those then speak for themselves.</summary>
    public double OverShare { get; init; } = 0.10;

    /// <summary>An event of a site (a session gap) stands this long.</summary>
    public TimeSpan EventClearAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Fewer devices than this are no drop of such a group, neither when it begins nor when it is nearly over.</summary>
    public int LeastOf(GroupLevel level) => level == GroupLevel.Site ? SiteLeast : GroupLeast;

    /// <summary>Others come with the same message or not at all: they wait for no more than the next look.</summary>
    public TimeSpan HoldBackOf(AnomalyKind kind) => CommonCauses.Of(kind) is null ? TimeSpan.Zero : HoldBack;
}
