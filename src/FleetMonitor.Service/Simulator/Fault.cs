using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Service.Simulator;

public enum FaultKind
{
    /// <summary>Draws no power and publishes nothing: its register stands still.</summary>
    Offline,

    /// <summary>Draws power but publishes nothing.</summary>
    NoData,

    /// <summary>Hashes at 60 % while drawing full power.</summary>
    HashDrop,

    /// <summary>Draws full power and says that it mines, without any hash rate.</summary>
    ZeroHash,

    /// <summary>Thirty degrees hotter.</summary>
    Overheat,

    /// <summary>The register starts again from zero, once.</summary>
    RegisterReset,

    /// <summary>Repeats the values of its first sample within the fault, each time with a fresh timestamp.</summary>
    Stuck,

    /// <summary>
    /// Sends each message twice, as an impatient gateway does. Nothing is wrong with the device, so no alert comes of it: what shows is that
    /// duplicates are counted, and that the books are the same. Two devices under one name are another thing.
    /// </summary>
    Duplicate,

    /// <summary>Sends each message <see cref="Fault.By"/> later, with the timestamp of the sample.</summary>
    Delay,

    /// <summary>Timestamps run ahead by <see cref="Fault.By"/>.</summary>
    ClockOff,

    /// <summary>Publishes power but no register.</summary>
    NoRegister,

    /// <summary>Draws a further 30 % of its power.</summary>
    Overload,

    /// <summary>All devices are offline.</summary>
    SiteOutage,
}

/// <summary>Something wrong with one device, or with all of them, while <c>From ≤ t &lt; To</c>.</summary>
/// <param name="Device">Index of the device, 0 for <c>rig-1</c>; null for all.</param>
/// <param name="By">How late or how far ahead, for the kinds that need it; zero elsewhere.</param>
public sealed record Fault(FaultKind Kind, int? Device, Instant From, Instant To, TimeSpan By)
{
    public static readonly Instant Never = new(long.MaxValue);

    public bool Covers(long unixMilliseconds) => From.UnixMilliseconds <= unixMilliseconds && unixMilliseconds < To.UnixMilliseconds;

    /// <summary>The kinds with their names in a fault file.</summary>
    public static readonly IReadOnlyDictionary<string, FaultKind> KindsByName = new Dictionary<string, FaultKind>(StringComparer.Ordinal)
    {
        ["offline"] = FaultKind.Offline,
        ["no-data"] = FaultKind.NoData,
        ["hash-drop"] = FaultKind.HashDrop,
        ["zero-hash"] = FaultKind.ZeroHash,
        ["overheat"] = FaultKind.Overheat,
        ["register-reset"] = FaultKind.RegisterReset,
        ["stuck"] = FaultKind.Stuck,
        ["duplicate"] = FaultKind.Duplicate,
        ["delay"] = FaultKind.Delay,
        ["clock-off"] = FaultKind.ClockOff,
        ["no-register"] = FaultKind.NoRegister,
        ["overload"] = FaultKind.Overload,
        ["site-outage"] = FaultKind.SiteOutage,
    };

    /// <summary>How late <see cref="FaultKind.Delay"/>, how far ahead <see cref="FaultKind.ClockOff"/> where nothing is said.</summary>
    public static TimeSpan DefaultBy(FaultKind kind) => kind switch
    {
        FaultKind.Delay => TimeSpan.FromMinutes(2),
        FaultKind.ClockOff => TimeSpan.FromHours(1),
        _ => TimeSpan.Zero,
    };
}
