using System.Collections.Frozen;

namespace FleetMonitor.Anomalies;

/// <summary>
/// What can be wrong. The numbers are part of the kept state of a device: add at the end, never renumber. Kinds from
/// <see cref="MeterMismatch"/> on belong to a site or a part of it, those before to one device; <see cref="ClockOff"/> also to many with one cause.
/// </summary>
public enum AnomalyKind : byte
{
    Offline = 0,
    Stale = 1,
    PowerWithoutHash = 2,
    HashBelowBaseline = 3,
    CounterReset = 4,
    UnregisteredDevice = 5,
    StuckValue = 6,
    HashWithoutPower = 7,
    EfficiencyDrift = 8,
    DeadHashBoard = 9,
    ThermalThrottling = 10,
    OverNameplate = 11,
    CounterRollback = 12,
    CounterJump = 13,
    ClockOff = 14,
    DuplicateIdentity = 15,
    MissingPermit = 16,
    PhaseImbalance = 17,

    MeterMismatch = 32,
    SiteDrop = 33,
    SessionGap = 34,
    GroupDrop = 35,
}

/// <summary>The stable kebab-case codes of kinds, as the API, InfluxDB and MQTT show them.</summary>
public static class AnomalyKindCodes
{
    private static readonly FrozenDictionary<AnomalyKind, string> Codes = new Dictionary<AnomalyKind, string>
    {
        [AnomalyKind.Offline] = "offline",
        [AnomalyKind.Stale] = "stale",
        [AnomalyKind.PowerWithoutHash] = "power-without-hash",
        [AnomalyKind.HashBelowBaseline] = "hash-below-baseline",
        [AnomalyKind.CounterReset] = "counter-reset",
        [AnomalyKind.UnregisteredDevice] = "unregistered",
        [AnomalyKind.StuckValue] = "stuck-value",
        [AnomalyKind.HashWithoutPower] = "hash-without-power",
        [AnomalyKind.EfficiencyDrift] = "efficiency-drift",
        [AnomalyKind.DeadHashBoard] = "dead-hash-board",
        [AnomalyKind.ThermalThrottling] = "thermal-throttling",
        [AnomalyKind.OverNameplate] = "over-nameplate",
        [AnomalyKind.CounterRollback] = "counter-rollback",
        [AnomalyKind.CounterJump] = "counter-jump",
        [AnomalyKind.ClockOff] = "clock-off",
        [AnomalyKind.DuplicateIdentity] = "duplicate-identity",
        [AnomalyKind.MissingPermit] = "missing-permit",
        [AnomalyKind.PhaseImbalance] = "phase-imbalance",
        [AnomalyKind.MeterMismatch] = "meter-mismatch",
        [AnomalyKind.SiteDrop] = "site-drop",
        [AnomalyKind.SessionGap] = "session-gap",
        [AnomalyKind.GroupDrop] = "group-drop",
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, AnomalyKind> Kinds =
        Codes.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

    /// <summary>All of them, in the alphabet's order.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Kinds.Keys.Order(StringComparer.Ordinal)];

    public static string Code(this AnomalyKind kind) => Codes[kind];

    public static bool TryParse(string code, out AnomalyKind kind) => Kinds.TryGetValue(code, out kind);
}
