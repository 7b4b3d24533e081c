using FleetMonitor.Telemetry.Profiles;

namespace FleetMonitor.Telemetry;

/// <summary>What a message turned out to be.</summary>
public enum DecodeOutcome : byte
{
    /// <summary>A sample: <see cref="DecodedMessage.Reading"/>.</summary>
    Reading,

    /// <summary>A last will or its opposite: <see cref="DecodedMessage.Presence"/>.</summary>
    Presence,

    /// <summary>A profile reads the topic, but nothing is measured in it. To be counted.</summary>
    NoMeasurement,

    /// <summary>No profile reads the topic. To be counted.</summary>
    NoProfile,

    /// <summary>To quarantine, with <see cref="DecodedMessage.Refusal"/>.</summary>
    Refused,
}

public enum Presence : byte
{
    Offline,
    Online,
}

/// <summary>What was read from one message. Which members mean something is for the <see cref="DecodeOutcome"/> to say.</summary>
public readonly record struct DecodedMessage
{
    /// <summary>Resolved (S14). Empty where the topic was not even read.</summary>
    public string Site { get; init; }

    /// <summary>Resolved too.</summary>
    public string Device => Topic.Device;

    public Reading Reading { get; init; }

    /// <summary>What the message says of each phase, beside its reading.</summary>
    public PhaseValues Phases { get; init; }

    /// <summary>True where the message named no time, so that the receive time counts (S4).</summary>
    public bool TimeFromReceipt { get; init; }

    public Presence Presence { get; init; }

    /// <summary>The register's traits by the profile; null where no profile read the topic.</summary>
    public RegisterTraits? Register { get; init; }

    /// <summary>The profile's name; null where no profile read the topic.</summary>
    public string? Profile { get; init; }

    public Refusal? Refusal { get; init; }

    /// <summary>For who takes the message to note whose it is.</summary>
    public TopicNote Topic { get; init; }
}

/// <summary>What decoding takes from the options.</summary>
public sealed record DecodeOptions
{
    /// <summary>How far a device's clock may be ahead of the receive time (<c>Metering:MaxFuture</c>, S10).</summary>
    public TimeSpan MaxFuture { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>More power than this is no power (<c>Metering:MaxDevicePower</c>, S11).</summary>
    public FleetMonitor.Fleet.Units.Power MaxDevicePower { get; init; } = new(5_000_000_000);

    /// <summary>The site of devices that nothing else places (<c>Fleet:DefaultSite</c>, S14).</summary>
    public string DefaultSite { get; init; } = "site-1";

    /// <summary>The zone of a site that no fleet file names (<c>Fleet:DefaultTimeZone</c>).</summary>
    public required TimeZoneInfo DefaultTimeZone { get; init; }

    /// <summary>A longer payload is refused unread.</summary>
    public int MaxPayloadBytes { get; init; } = 256 * 1024;

    /// <summary>How many topics that nobody owns are remembered. Beyond that they are forgotten and found again.</summary>
    public int MaxRoutes { get; init; } = 65_536;
}
