using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Telemetry;

/// <summary>Why a message was refused. The codes of <see cref="RefusalReasons"/> are stable: people filter and alert by them.</summary>
public enum RefusalReason : byte
{
    Malformed,
    MissingField,
    WrongType,
    OutOfRange,
    Implausible,
    Clock,
    BadIdentifier,
    UnknownSite,
    TooManyDevices,
    TooLarge,
}

public static class RefusalReasons
{
    private static readonly string[] Codes =
    [
        "malformed", "missing-field", "wrong-type", "out-of-range", "implausible", "clock", "bad-identifier", "unknown-site",
        "too-many-devices", "too-large",
    ];

    public static string ToCode(this RefusalReason reason) => Codes[(int)reason];

    public static bool TryParse(string code, out RefusalReason reason)
    {
        int index = Array.IndexOf(Codes, code);
        reason = index < 0 ? default : (RefusalReason)index;
        return index >= 0;
    }
}

/// <summary>A refused message, in words that a person can act on: <c>power_w: expected a number, found a string "12"</c>.</summary>
/// <param name="Reason">The kind of fault.</param>
/// <param name="Where">The place: a path in the payload, <c>$</c> for the whole of it, or <c>topic</c>.</param>
/// <param name="Detail">What was expected and what was found.</param>
public sealed record Refusal(RefusalReason Reason, string Where, string Detail)
{
    /// <summary>The time that the message stated, where that is the fault.</summary>
    public Instant? Claimed { get; init; }

    public override string ToString() => $"{Where}: {Detail}";
}
