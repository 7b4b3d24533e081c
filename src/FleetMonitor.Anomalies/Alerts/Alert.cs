using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Anomalies.Alerts;

/// <summary>What a person did to an alert.</summary>
public sealed record AlertAct(string By, Instant At, string? Reason);

/// <summary>Nobody is told before <paramref name="Until"/>; told then if it still stands.</summary>
public sealed record AlertMute(Instant Until, AlertAct Act);

/// <summary>An anomaly and what people and the book have done about it.</summary>
public sealed record Alert(Anomaly Anomaly)
{
    /// <summary>When the book took it in: it is held back for a moment, in case it is one of many with one cause.</summary>
    public required Instant Taken { get; init; }

    /// <summary>
    /// When the alert that stood for this one and its like ended, and left it over: it is held back once more, as most that are left over are
    /// about to be well too. Null where it never was.
    /// </summary>
    public Instant? LeftOver { get; init; }

    /// <summary>Since when it is held back.</summary>
    public Instant HeldSince => LeftOver ?? Taken;

    /// <summary>Whether anybody was told; what was never told is not told to be over either.</summary>
    public bool Told { get; init; }

    /// <summary>The id of the alert that stands for this one and its like.</summary>
    public string? Cause { get; init; }

    public AlertAct? Acknowledged { get; init; }

    public AlertMute? Muted { get; init; }

    public bool IsMuted(Instant now) => Muted is { } mute && now < mute.Until;
}

/// <summary>What happened to an alert.</summary>
public enum AlertStep : byte
{
    Raised,

    /// <summary>Still the same anomaly, with new evidence or another cause.</summary>
    Updated,

    Cleared,

    Acknowledged,

    Muted,

    /// <summary>By a person, or because its time was over.</summary>
    Unmuted,
}

/// <summary>One step: always kept, and told where <see cref="Tell"/> says so.</summary>
/// <param name="At">When, by our clock; never before the anomaly was raised.</param>
/// <param name="Act">What a person did, where it was a person.</param>
public readonly record struct AlertChange(AlertStep Step, Alert Alert, bool Tell, Instant At, AlertAct? Act = null)
{
    /// <summary>Steps that history keeps: all but what nobody ever heard of, such as one of many with one cause.</summary>
    public bool IsHistory => Tell || Act is not null || (Step == AlertStep.Cleared && Alert.Told);
}
