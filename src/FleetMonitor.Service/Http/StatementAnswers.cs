using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Service.Http;

// The shapes of what StatementJson writes, for the description. What may be absent was not in statements of an earlier format.

internal abstract record StatementMembers
{
    public required string? SiteName { get; init; }

    public required string TimeZone { get; init; }

    public required string Basis { get; init; }

    public required PayerAnswer? Payer { get; init; }

    public required string Schedule { get; init; }

    public required string ScheduleHash { get; init; }

    public string? FleetHash { get; init; }

    public IReadOnlyList<FactAnswer>? Facts { get; init; }

    public required IReadOnlyList<StatementLineAnswer> Lines { get; init; }

    public required PeriodEnergyAnswer Energy { get; init; }

    public required EnergyAnswer UnratedEnergy { get; init; }

    public required decimal EstimatedShare { get; init; }

    public required IReadOnlyList<string> Unconfirmed { get; init; }

    public required IReadOnlyList<ChargeAmount> Amounts { get; init; }

    public required IReadOnlyList<StatementGapAnswer> Gaps { get; init; }

    public required ExposureAnswer? DeemedExposure { get; init; }

    public required DeadlinesAnswer? Deadlines { get; init; }

    public required PostingsHeadAnswer Postings { get; init; }

    public required ClosingAnswer? Closed { get; init; }
}

internal sealed record StatementContent : StatementMembers
{
    public required int Format { get; init; }

    public required string Site { get; init; }

    public required string Period { get; init; }
}

internal abstract record AmendmentMembers
{
    public required int Number { get; init; }

    public required string StatementHash { get; init; }

    public int? Format { get; init; }

    public string? ScheduleHash { get; init; }

    public string? FleetHash { get; init; }

    public IReadOnlyList<ChargeAmount>? Differences { get; init; }

    public required IReadOnlyList<AmendmentLineAnswer> Lines { get; init; }

    public required PostingsHeadAnswer Postings { get; init; }

    public required ClosingAnswer? Closed { get; init; }
}

internal sealed record AmendmentAnswer : AmendmentMembers
{
    public required string Site { get; init; }

    public required string Period { get; init; }
}

internal sealed record FiledAmendment : AmendmentMembers
{
    public required string Hash { get; init; }
}

/// <param name="Kind">energy, manual or turnover.</param>
/// <param name="Rate">Money per kWh, or a share of turnover; null for unrated energy and for manual amounts.</param>
/// <param name="Exact">Unrounded.</param>
/// <param name="Amount">What is filed: whole currency units; null for unrated energy.</param>
internal sealed record StatementLineAnswer(
    string Kind,
    string Charge,
    string Code,
    decimal? Rate,
    string LegalRef,
    EnergyAnswer Energy,
    decimal? Turnover,
    decimal? Exact,
    decimal? Amount,
    string Currency,
    IReadOnlyList<string> Unconfirmed,
    IReadOnlyList<string> Reasons,
    string? By,
    IReadOnlyList<DecisionAnswer>? Decisions = null);

internal sealed record AmendmentLineAnswer(
    string Kind,
    string Charge,
    string Code,
    decimal? Rate,
    string LegalRef,
    EnergyAnswer FiledEnergy,
    EnergyAnswer Energy,
    EnergyAnswer EnergyDifference,
    decimal? Filed,
    decimal? Before,
    decimal? Amount,
    decimal Difference,
    string Currency,
    IReadOnlyList<string>? Reasons = null,
    string? By = null,
    IReadOnlyList<DecisionAnswer>? Decisions = null);

/// <summary>What a named person entered, and why.</summary>
/// <param name="Posting">Its number in the chain.</param>
/// <param name="Device">Null where it is of the whole site.</param>
internal sealed record DecisionAnswer(
    long Posting, Instant BookedAt, DateOnly Day, string? Device, decimal EnergyKwh, decimal? Amount, string? Currency, string By, string Reason);

/// <param name="ManualKwh">The part that was entered by hand; only where something was.</param>
internal sealed record PeriodEnergyAnswer(
    decimal EnergyKwh, decimal RegisterKwh, decimal IntegratedKwh, decimal EstimatedKwh, decimal? ManualKwh = null);

/// <summary>What is filed: the statement and its amendments, as many as there are, together.</summary>
internal sealed record FiledAnswer(
    int Amendments, PeriodEnergyAnswer Energy, EnergyAnswer UnratedEnergy, decimal EstimatedShare, IReadOnlyList<ChargeAmount> Amounts);

internal sealed record PayerAnswer(string? Name, string? Bin);

internal sealed record FactAnswer(string Name, DateOnly From, DateOnly? To, string Value, string? Evidence, string? By);

internal sealed record ChargeAmount(string Charge, decimal Amount, string Currency);

internal sealed record StatementGapAnswer(string Device, Instant From, Instant To);

internal sealed record ExposureAnswer(
    decimal MaxPowerKw, long Milliseconds, decimal VolumeKwh, decimal PerKwh, decimal Amount, string Currency, string LegalRef);

/// <param name="Provisional">True where it falls beyond the days that the list of holidays is known for; absent otherwise.</param>
internal sealed record DeadlinesAnswer(DateOnly? Declaration, DateOnly Payment, string LegalRef, bool? Provisional = null);

internal sealed record PostingsHeadAnswer(long Count, string HeadHash);

internal sealed record ClosingAnswer(string By, Instant At);
