using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry.Decoding;
using FleetMonitor.Telemetry.Numbers;

namespace FleetMonitor.Telemetry.Profiles;

/// <summary>What is known of a device type's register beside its readings (S7).</summary>
/// <param name="Modulus">Where it wraps to zero, where the type says so; the fleet file's word on the device goes first.</param>
/// <param name="DisplayStep">The least difference that it can show, chosen generously.</param>
public sealed record RegisterTraits(Energy? Modulus, Energy DisplayStep);

/// <summary>A device type: how its messages are to be read.</summary>
/// <param name="Name">Unique; a profile of one's own replaces the shipped one of the same name.</param>
/// <param name="Site">The site of devices that neither topic nor fleet file places (S14).</param>
/// <param name="TimeZone">The zone of times that name none; else the site's.</param>
/// <param name="NumericStrings">True where numbers in quotes are numbers (S11).</param>
/// <param name="Register">Traits of the register.</param>
/// <param name="Messages">The kinds of message it sends.</param>
public sealed record Profile(
    string Name,
    string? Site,
    TimeZoneInfo? TimeZone,
    bool NumericStrings,
    RegisterTraits Register,
    IReadOnlyList<MessageShape> Messages);

/// <summary>What a payload is.</summary>
public enum PayloadKind : byte
{
    /// <summary>A JSON object.</summary>
    Json,

    /// <summary>One number, bare.</summary>
    Number,

    /// <summary>One of two words, for being there and being gone.</summary>
    Presence,
}

/// <summary>One kind of message, compiled to be read in one pass. Made by <see cref="ProfileSet"/> alone.</summary>
public sealed class MessageShape
{
    internal MessageShape(TopicPattern topic, PayloadKind kind)
    {
        Topic = topic;
        Kind = kind;
    }

    public TopicPattern Topic { get; }

    public PayloadKind Kind { get; }

    /// <summary>Set once, when the profile is complete.</summary>
    public Profile Profile { get; internal set; } = null!;

    /// <summary>True where a message in which nothing is measured is refused rather than counted and passed over.</summary>
    internal bool MustMeasure { get; init; }

    internal byte[] Online { get; init; } = [];

    internal byte[] Offline { get; init; } = [];

    /// <summary>The fields in the order they are read in.</summary>
    internal FieldSource[] Fields { get; init; } = [];

    /// <summary>Where the values of the phases stand; null where the profile names none.</summary>
    internal PhaseSource? Phases { get; init; }

    internal PathNode Paths { get; init; } = new();

    /// <summary>How many slots the paths fill.</summary>
    internal int Slots { get; init; }
}

internal enum FieldKind : byte
{
    Device,
    Power,
    Register,
    HashRate,
    Temperature,
    Status,

    /// <summary>Last, since the time of a message in which nothing is measured is nobody's concern.</summary>
    Time,
}

/// <summary>Where the values of three phases stand: in three slots that follow each other.</summary>
internal sealed record PhaseSource(PhaseQuantity Quantity, int FirstSlot, Scale Scale);

/// <summary>Where one field comes from, and how its text is read.</summary>
internal sealed class FieldSource
{
    public required FieldKind Kind { get; init; }

    /// <summary>The first slot and the paths, by rank: the first that is present wins. A bare number has none.</summary>
    public int FirstSlot { get; init; }

    public string[] Paths { get; init; } = [];

    public Units? Units { get; init; }

    public Scale Scale { get; init; }

    /// <summary>Where the payload names the unit: a slot, or -1.</summary>
    public int UnitSlot { get; init; } = -1;

    public string? UnitPath { get; init; }

    /// <summary>True where a list is the sum of its items (one a phase).</summary>
    public bool SumsLists { get; init; }

    public ClockText[] Texts { get; init; } = [];

    /// <summary>From a numeric time to milliseconds, or null where times are texts.</summary>
    public Scale? Epoch { get; init; }

    public (byte[] Text, DeviceStatus Status)[] Statuses { get; init; } = [];

    public string Where => Paths.Length > 0 ? Paths[0] : "$";
}
