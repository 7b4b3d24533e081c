using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Finance;

namespace FleetMonitor.Service.Http;

// The shapes of what PeriodJson writes, for the description.

internal sealed record PeriodList(IReadOnlyList<PeriodRow> Rows, string? Next);

/// <param name="State">open, provisional, closed or amended.</param>
/// <param name="From">First local day.</param>
/// <param name="To">The day after the last.</param>
/// <param name="Hours">How long the period is, by the site's clocks.</param>
/// <param name="Hash">Of the filed statement; null while nothing is filed.</param>
/// <param name="Filed">What is filed, in sum; null while nothing is.</param>
/// <param name="EstimatedShare">Of the energy, to six decimals.</param>
/// <param name="Amounts">What the lines come to, by charge.</param>
/// <param name="Closed">Null for a draft.</param>
internal sealed record PeriodRow(
    string Site,
    string Period,
    string State,
    DateOnly From,
    DateOnly To,
    decimal Hours,
    string? Hash,
    FiledAnswer? Filed,
    PeriodEnergyAnswer Energy,
    EnergyAnswer UnratedEnergy,
    decimal EstimatedShare,
    IReadOnlyList<string> Unconfirmed,
    IReadOnlyList<ChargeAmount> Amounts,
    DeadlinesAnswer? Deadlines,
    ClosingAnswer? Closed,
    int Gaps,
    AmendmentAnswer? Pending);

/// <summary>One period, with every member of the statement that stands.</summary>
internal sealed record PeriodAnswer : StatementMembers
{
    public required string Site { get; init; }

    public required string Period { get; init; }

    public required string State { get; init; }

    public required DateOnly From { get; init; }

    public required DateOnly To { get; init; }

    public required decimal Hours { get; init; }

    public required string? Hash { get; init; }

    public required FiledAnswer? Filed { get; init; }

    public required IReadOnlyList<FiledAmendment> Amendments { get; init; }

    public required AmendmentAnswer? Pending { get; init; }
}

/// <param name="Hash">SHA-256 of the statement's text as it stands here, without spaces; null for a draft.</param>
/// <param name="Pending">What an amended return would carry now; null where nothing differs.</param>
internal sealed record StatementAnswer(
    string Site,
    string Period,
    string State,
    DateOnly From,
    DateOnly To,
    decimal Hours,
    string? Hash,
    FiledAnswer? Filed,
    StatementContent Statement,
    IReadOnlyList<FiledAmendment> Amendments,
    AmendmentAnswer? Pending);

/// <summary>What was filed just now, or would be: the statement, or the amendment of that number.</summary>
/// <param name="Filed">False where it was only looked at.</param>
/// <param name="Warnings">What to know of it; nothing of this keeps it from being filed.</param>
internal sealed record FilingAnswer(
    bool Filed,
    IReadOnlyList<CloseWarning> Warnings,
    string Site,
    string Period,
    int Number,
    string Hash,
    StatementContent? Statement = null,
    AmendmentAnswer? Amendment = null);

internal sealed record PostingAnswer(
    long Seq,
    string Kind,
    string Site,
    string? Device,
    DateOnly Day,
    string Period,
    decimal EnergyKwh,
    decimal RegisterKwh,
    decimal IntegratedKwh,
    decimal EstimatedKwh,
    string? Charge,
    decimal? Amount,
    string? Currency,
    string? Reason,
    string? By,
    Instant PostedAt,
    string PrevHash,
    string Hash);
