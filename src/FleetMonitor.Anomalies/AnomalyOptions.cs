namespace FleetMonitor.Anomalies;

/// <summary>
/// When the rules speak up. One set for every device: what differs between devices is learned from their own readings. Fractions are of
/// one, powers in watts, temperatures in degrees Celsius.
/// </summary>
public sealed record AnomalyOptions
{
    /// <summary>Silence after which a value is no longer shown as live; null: three of the device's usual intervals, at least 60 s.</summary>
    public TimeSpan? StaleAfter { get; init; }

    /// <summary>Silence after which a device counts as offline; never shorter than what makes it stale.</summary>
    public TimeSpan OfflineAfter { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a last will stands before it is an alert: a restarting device is back by then. Its state shows it at once.</summary>
    public TimeSpan WillAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>No alert this long after the service, a device or its hashing started, but for a last will, which is a fact.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long things must be well before an alert clears.</summary>
    public TimeSpan ClearAfter { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A single event (a counter reset) stands this long after it was last seen.</summary>
    public TimeSpan EventClearAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long values must be off before an alert, and well before it clears.</summary>
    public TimeSpan Sustained { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>How long power without hash, or hash without power, lasts before an alert.</summary>
    public TimeSpan MismatchAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Time constant of the smoothed values that the rules look at.</summary>
    public TimeSpan Smoothing { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Time constant of a device's own baseline.</summary>
    public TimeSpan BaselineMemory { get; init; } = TimeSpan.FromDays(2);

    /// <summary>A baseline is not compared with before it has seen this much normal running.</summary>
    public TimeSpan BaselineNeeds { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Share of the baseline that the hash rate must lose to be an alert, on a device whose hash rate is noisy.</summary>
    public double HashDropMost { get; init; } = 0.25;

    /// <summary>The same on a quiet device.</summary>
    public double HashDropLeast { get; init; } = 0.10;

    /// <summary>Power below this share of nameplate is not mining.</summary>
    public double IdleShare { get; init; } = 0.05;

    /// <summary>Power above this share of nameplate without hash is energy for nothing; a booted, idle rig draws less.</summary>
    public double WastedShare { get; init; } = 0.15;

    /// <summary>J/TH above the device's own baseline that counts as drift, on a noisy device.</summary>
    public double EfficiencyLossMost { get; init; } = 0.10;

    /// <summary>The same on a quiet device.</summary>
    public double EfficiencyLossLeast { get; init; } = 0.06;

    /// <summary>How long the efficiency must be off: it is smoothed over an hour already.</summary>
    public TimeSpan EfficiencyAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Time constant of the efficiency baseline: long, or a slow drift would drag it along.</summary>
    public TimeSpan EfficiencyMemory { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Board temperature that is too hot on any device, in °C.</summary>
    public double HotFrom { get; init; } = 85;

    /// <summary>Degrees above its own usual that are too hot together with a falling hash rate.</summary>
    public double HotAboveUsual { get; init; } = 6;

    /// <summary>Power above this share of nameplate is over it.</summary>
    public double OverNameplateShare { get; init; } = 1.10;

    /// <summary>How much a phase's part of the load must change, as a share of a third of it, where the parts are steady.</summary>
    public double PhaseImbalanceLeast { get; init; } = 0.15;

    /// <summary>The same where load keeps moving from phase to phase.</summary>
    public double PhaseImbalanceMost { get; init; } = 0.30;

    /// <summary>A value that does not change for this long may be stuck; whether it is depends on how often it usually changes.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>A steady difference between a device's clock and ours from which its clock is off.</summary>
    public TimeSpan ClockOffFrom { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Signs of two devices under one name within <see cref="DoublesWithin"/> that make an alert.</summary>
    public int DoublesNeeded { get; init; } = 4;

    public TimeSpan DoublesWithin { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Two under one name are taken for one again after this long without a sign: who shows little of it shows it now and then.</summary>
    public TimeSpan DoublesClearAfter { get; init; } = TimeSpan.FromHours(6);

    /// <summary>A lower hash rate that stays this long is the new usual one.</summary>
    public TimeSpan AcceptAfter { get; init; } = TimeSpan.FromDays(7);

    /// <summary>A higher hash rate that stays this long is the new usual one.</summary>
    public TimeSpan AcceptMoreAfter { get; init; } = TimeSpan.FromHours(12);

    /// <summary>The nameplate assumed, in watts, for a device that has none and has not yet shown its own peak.</summary>
    public double AssumedNameplate { get; init; } = 1000;

    /// <summary>What makes an alert a warning, or critical.</summary>
    public StakeLevels Levels { get; init; } = new();
}
