using System.Security.Cryptography;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Ledger;

/// <summary>
/// Everything that one batch changed, to become durable in one transaction: all of it or nothing. The acks of the batch go out after it.
/// </summary>
public sealed class LedgerCommit
{
    /// <summary>The batch's place in the journal: one more than the one before.</summary>
    public required long Sequence { get; init; }

    /// <summary>The clock as the batch saw it.</summary>
    public required Instant Now { get; init; }

    /// <summary>The batch's entries (<see cref="Journal.JournalCodec"/>).</summary>
    public ReadOnlyMemory<byte> Journal { get; set; }

    public List<NewDevice> NewDevices { get; } = [];

    public List<DeviceCheckpoint> Checkpoints { get; } = [];

    /// <summary>Kept readings that this batch lets go. They leave before the checkpoints' come.</summary>
    public List<EvidenceLetGo> LetGo { get; } = [];

    public List<QuarantineEntry> Quarantine { get; } = [];

    /// <summary>Quarantined messages that this batch takes in again; they leave before the batch's own come.</summary>
    public List<long> QuarantineRetried { get; } = [];

    public List<LateReading> LateReadings { get; } = [];

    public List<AnomalyRecord> Anomalies { get; } = [];

    /// <summary>Appended in this order.</summary>
    public List<AlertEvent> AlertEvents { get; } = [];

    public List<OutboxEntry> Outbox { get; } = [];

    /// <summary>Outbox entries that have arrived, or were given up, and leave it.</summary>
    public List<long> OutboxDone { get; } = [];

    public List<PointReject> PointRejects { get; } = [];

    /// <summary>What the checkpoints' differences add up to by account and day.</summary>
    public Dictionary<(Account Account, DateOnly Day), EnergyByQuality> Accounts { get; } = [];

    public List<SessionGap> SessionGaps { get; } = [];

    /// <summary>What earlier commits remembered and nobody needs any more; it goes before <see cref="Redeliveries"/> come.</summary>
    public List<(string Source, ushort PacketId)> RedeliveriesGone { get; } = [];

    public List<Redelivery> Redeliveries { get; } = [];

    /// <summary>Appended to the chain, in this order; each follows from the one before it.</summary>
    public List<LedgerPosting> Postings { get; } = [];

    /// <summary>Device-days that were due, and whose books are what is posted all the same.</summary>
    public List<(int Device, DateOnly Day)> NotDue { get; } = [];

    public List<Filing> Filings { get; } = [];

    /// <summary>What was filed by; one that is known already is not kept twice.</summary>
    public List<FiledSource> FiledSources { get; } = [];

    /// <summary>Small named values that change with the batch.</summary>
    public Dictionary<string, byte[]> State { get; } = [];

    public bool IsEmpty =>
        Journal.IsEmpty && NewDevices.Count + Checkpoints.Count + LetGo.Count + Quarantine.Count + QuarantineRetried.Count + LateReadings.Count
            + Anomalies.Count + AlertEvents.Count
            + Outbox.Count + OutboxDone.Count + PointRejects.Count + SessionGaps.Count + RedeliveriesGone.Count + Redeliveries.Count
            + Postings.Count + NotDue.Count + Filings.Count + FiledSources.Count
            + State.Count == 0;
}

/// <summary>What devices are summed by, so that a site's books need no walk over all of its devices.</summary>
/// <param name="Class">How the device's energy counts towards the levy (S12).</param>
/// <param name="Tenant">Empty where the device has none on the day.</param>
public readonly record struct Account(string Site, string Class, string Tenant);

/// <param name="DeviceId">Of the posting's device; null where it concerns the site as a whole.</param>
public readonly record struct LedgerPosting(Posting Posting, int? DeviceId);

/// <summary>A statement, or an amendment of it, as it was filed.</summary>
/// <param name="Number">0 for the statement, 1 for its first amendment.</param>
/// <param name="Hash">SHA-256 of <paramref name="Content"/>, lower-case hex.</param>
/// <param name="Content">The canonical text (<see cref="StatementJson"/>).</param>
public sealed record Filing(string Site, TaxPeriod Period, int Number, string Hash, byte[] Content);

/// <summary>A fleet file or rate schedule that a statement was made by, frozen with it.</summary>
/// <param name="Hash">SHA-256 of <paramref name="Content"/>, lower-case hex: the statement names it.</param>
public sealed record FiledSource(string Hash, ReadOnlyMemory<byte> Content)
{
    /// <returns>Null where there is no file.</returns>
    public static FiledSource? Of(ReadOnlyMemory<byte> content) =>
        content.IsEmpty ? null : new FiledSource(Convert.ToHexStringLower(SHA256.HashData(content.Span)), content);
}

/// <summary>Points that the time-series store refused for good, with its reason.</summary>
public sealed record PointReject(Instant At, string Reason, int Points, byte[] Lines);

public readonly record struct NewDevice(int Id, DeviceKey Key, Instant FirstSeen);

/// <summary>
/// One device's state as of a journal sequence, with what its readings did to the books since the checkpoint before. State, books and kept
/// readings move together, so that folding the journal's tail into the state counts nothing twice.
/// </summary>
public sealed class DeviceCheckpoint
{
    public required int DeviceId { get; init; }

    public required long AppliedSequence { get; init; }

    public required byte[] State { get; init; }

    /// <summary>Differences to the books, by local day.</summary>
    public required IReadOnlyDictionary<DateOnly, EnergyByQuality> Days { get; init; }

    /// <summary>In the order in which metering said so.</summary>
    public required IReadOnlyList<MeterNote> Notes { get; init; }

    /// <summary>Kept blocks to write; those that stood from the first one's first reading on are replaced.</summary>
    public required IReadOnlyList<ReadingBlock> Blocks { get; init; }
}

/// <summary>A device's oldest kept readings, let go, and what stays of them.</summary>
/// <param name="Before">Blocks that ended before it go.</param>
/// <param name="Reason"><c>age</c> or <c>budget</c>.</param>
/// <param name="Readings">How many go; from <paramref name="First"/> to <paramref name="Last"/>.</param>
/// <param name="Hours">The hours of each day that they touch, earlier ones of the same day included.</param>
public sealed record EvidenceLetGo(
    int DeviceId,
    Instant Before,
    string Reason,
    long Readings,
    Instant First,
    Instant Last,
    HoursStand Stand,
    IReadOnlyDictionary<DateOnly, IReadOnlyList<DeviceHour>> Hours);

/// <summary>One hour of a device: the newest reading of its register in it, and its energy.</summary>
/// <param name="Hour">Of the local day, from its start: 0 to 24.</param>
/// <param name="RegisterAt">Null where no register was read in the hour.</param>
public readonly record struct DeviceHour(int Hour, Instant? RegisterAt, Energy Register, EnergyByQuality Energy);

/// <summary>How far the hours of a device go.</summary>
/// <param name="Since">The first local day of which they hold all that was let go.</param>
/// <param name="Run">Where metering stood after the last reading let go; its tail is by the hour (<see cref="HourCalendar"/>),
/// and its window is that of this reading.</param>
public sealed record HoursStand(DateOnly Since, MeterRun Run);

/// <summary>Gaps and events of one device, and what makes earlier ones void. Exactly one member is set.</summary>
public readonly record struct MeterNote(Gap? Gap = null, MeterEvent? Event = null, Instant? CoverGapsFrom = null, Instant? RestartAt = null);

/// <summary>Refused input, kept with its reason until it is retried or its budget is used up.</summary>
public sealed record QuarantineEntry(
    Instant ReceivedAt, string Source, string Reason, string Where, string Detail, ReadOnlyMemory<byte> Topic, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The same message of the same moment is kept once, however often it is replayed or redelivered.</summary>
    public ulong Fingerprint => Ledger.Fingerprint.Of(Topic.Span, Payload.Span, ReceivedAt.UnixMilliseconds);
}

/// <summary>A reading older than what is kept: listed, and outside the totals (S8).</summary>
public sealed record LateReading(int DeviceId, Instant ReceivedAt, Reading Reading);

/// <summary>An anomaly as it stands: <paramref name="Json"/> is the object that the API shows.</summary>
/// <param name="Cause">The anomaly that stands for this one and its like; null where it stands for itself.</param>
public sealed record AnomalyRecord(
    string Id, string Site, string Device, string Kind, string Severity, Instant Raised, Instant? Cleared, string? Cause, string Json);

/// <summary>One step in the life of an alert, as it is kept for good.</summary>
/// <param name="Anomaly">The id of the anomaly.</param>
/// <param name="Event">What happened: <c>raised</c>, <c>updated</c>, <c>cleared</c>, <c>acknowledged</c>, <c>muted</c>, <c>unmuted</c>.</param>
/// <param name="Told">Whether it is for those outside: what is muted is not.</param>
/// <param name="By">The person, where one acted.</param>
/// <param name="Json">The anomaly as it then was.</param>
public sealed record AlertEvent(Instant At, string Anomaly, string Event, bool Told, string? By, string? Reason, string Json);

/// <summary>Points on their way out: line protocol, as it will be sent.</summary>
/// <param name="Windows">The start of the oldest window in it.</param>
public sealed record OutboxEntry(Instant Windows, int Points, byte[] Lines);

/// <summary>A stretch in which a broker may have dropped messages, because it no longer knew our session.</summary>
public sealed record SessionGap(string Source, Instant From, Instant To, string Detail);

/// <summary>The last message committed under a packet id, to know it again should the broker redeliver it (S4).</summary>
public readonly record struct Redelivery(string Source, ushort PacketId, ulong Fingerprint);
