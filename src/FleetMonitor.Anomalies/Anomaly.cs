using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Anomalies;

/// <summary>What is wrong with one device or, where <see cref="Device"/> is null, with a site or a part of it: one row of the API.</summary>
public sealed record Anomaly
{
    /// <summary>The same input gives the same id, so that a restart that sees it again writes the same row.</summary>
    public required string Id { get; init; }

    public required string Site { get; init; }

    public string? Device { get; init; }

    /// <summary>The part of a site that it is about, such as <c>rack A-07</c> or <c>feeder pdu-3</c>; null where it is about all of it.</summary>
    public string? Group { get; init; }

    public required AnomalyKind Kind { get; init; }

    public required AnomalySeverity Severity { get; init; }

    /// <summary>When the rule was met, in whole seconds; not when somebody looked.</summary>
    public required Instant Raised { get; init; }

    public Instant? Cleared { get; init; }

    /// <summary>How sure, 0 to 1.</summary>
    public required double Score { get; init; }

    /// <summary>One plain sentence or two, with the values.</summary>
    public required string Text { get; init; }

    public required IReadOnlyList<EvidenceItem> Evidence { get; init; }

    /// <summary>Energy at stake, in kWh a day: drawn for nothing, not metered, or not turned into hashes. 0 where none is.</summary>
    public required decimal KwhPerDay { get; init; }

    /// <summary><see cref="KwhPerDay"/> at the rate the caller stated; null where no rate is known.</summary>
    public decimal? LevyPerDay { get; init; }

    /// <summary>What it is once it is over: it keeps what it was about, which by then is so no longer, and adds how it ended.</summary>
    public Anomaly EndedAs(Anomaly end) => this with { Cleared = end.Cleared, Text = $"{Text} {end.Text}" };

    /// <summary>Kind and time to read, and a digest of site and device, so that an id is safe in a path, a topic and a tag.</summary>
    public static string IdOf(string site, string? device, AnomalyKind kind, Instant raised)
    {
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes($"{site}/{device}"));
        string time = raised.ToDateTimeOffset().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        return $"{kind.Code()}-{time}-{Convert.ToHexStringLower(digest, 0, 6)}";
    }
}
