using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;

namespace FleetMonitor.Levy;

/// <summary>What a statement's line is about.</summary>
public enum StatementLineKind
{
    /// <summary>Metered energy at one rate.</summary>
    Energy,

    /// <summary>One manual adjustment.</summary>
    Manual,

    /// <summary>Turnover under one charge.</summary>
    Turnover,
}

/// <summary>One line of a statement. <see cref="Kind"/>, <see cref="Code"/> and <see cref="Rate"/> name it, also across amendments.</summary>
public sealed record StatementLine
{
    public required StatementLineKind Kind { get; init; }

    public required string Charge { get; init; }

    public required string Code { get; init; }

    /// <summary>Money per kWh, or a share of turnover; null for unrated energy and for manual amounts.</summary>
    public required decimal? Rate { get; init; }

    public required string LegalRef { get; init; }

    public required EnergyByQuality Energy { get; init; }

    /// <summary>For turnover lines, the sum that the share is taken of.</summary>
    public Money? Turnover { get; init; }

    /// <summary>Unrounded; null for unrated energy.</summary>
    public required Money? Exact { get; init; }

    /// <summary>What is filed: whole currency units, rounded once, a half up; null for unrated energy.</summary>
    public Money? Amount => Exact?.RoundedHalfUp();

    public required string Currency { get; init; }

    public IReadOnlyList<string> Unconfirmed { get; init; } = [];

    public IReadOnlyList<string> Reasons { get; init; } = [];

    /// <summary>For manual lines and turnover: who decided.</summary>
    public string? By { get; init; }

    /// <summary>For manual lines and turnover: the postings that they are made of. Empty before format 3.</summary>
    public IReadOnlyList<Decision> Decisions { get; init; } = [];
}

/// <summary>A time for which a device's energy is not known and was not filled in.</summary>
public sealed record StatementGap(string Device, Instant From, Instant To);

/// <summary>
/// What the levy would be if a named person decided that control meters were absent or faulty: maximum power around the clock. It is
/// shown, never charged by itself.
/// </summary>
public sealed record DeemedExposure(Power MaxPower, TimeSpan Duration, Energy Volume, decimal PerKwh, Money Amount, string LegalRef);

/// <summary>A fact that held in the period and that rates can hang on, by its name in the fleet file.</summary>
/// <param name="Evidence">What shows it; null where nothing is named.</param>
/// <param name="By">Who decided that it is so; null where nobody is named.</param>
public sealed record StatementFact(string Name, DateOnly From, DateOnly? To, string Value, string? Evidence, string? By);

/// <summary>Who closed a statement, and when.</summary>
public sealed record Closing(string By, Instant At);

/// <summary>What finance files for a payer, a site and a period. Immutable; once closed, known by its hash.</summary>
public sealed record Statement
{
    /// <summary>Of the canonical text. What was filed is written again as it was.</summary>
    public int Format { get; init; } = StatementJson.Format;

    public required string Site { get; init; }

    public required string? SiteName { get; init; }

    public required string TimeZone { get; init; }

    public required BillingBasis Basis { get; init; }

    /// <summary>Null where the fleet file names none.</summary>
    public required Payer? Payer { get; init; }

    public required TaxPeriod Period { get; init; }

    /// <summary>The schedule's code, and the hash of the file it was read from.</summary>
    public required string Schedule { get; init; }

    public required string ScheduleHash { get; init; }

    /// <summary>SHA-256 of the fleet file; null where the site registered itself, and before format 2.</summary>
    public required string? FleetHash { get; init; }

    /// <summary>What was stated of the site for days of the period: licence, energy source, price and meter status. Empty before format 2.</summary>
    public required IReadOnlyList<StatementFact> Facts { get; init; }

    public required IReadOnlyList<StatementLine> Lines { get; init; }

    public required IReadOnlyList<StatementGap> Gaps { get; init; }

    /// <summary>Null where the site's maximum power is not stated, or the law deems no volume.</summary>
    public required DeemedExposure? Exposure { get; init; }

    public required Deadlines? Deadlines { get; init; }

    /// <summary>How far the postings went when the statement was made.</summary>
    public required PostingHead Head { get; init; }

    /// <summary>Null while the statement is a draft.</summary>
    public Closing? Closing { get; init; }

    /// <summary>Energy of the period, with what was entered by hand. Before format 3 that stood in its lines alone.</summary>
    public PeriodEnergy Sums => PeriodEnergy.Of(Lines
        .Where(line => Format >= 3 || line.Kind == StatementLineKind.Energy)
        .Select(line => new LineEnergy(line.Kind, line.Rate, line.Energy)));

    public EnergyByQuality Energy => Sums.Energy;

    public EnergyByQuality UnratedEnergy => Sums.Unrated;

    public decimal EstimatedShare => Sums.EstimatedShare;

    public IReadOnlyList<string> Unconfirmed =>
        [.. Lines.SelectMany(line => line.Unconfirmed).Distinct().Order(StringComparer.Ordinal)];

    /// <summary>What is filed per charge: the sum of its rounded lines.</summary>
    public IReadOnlyList<(string Charge, Money Amount)> Amounts =>
    [
        .. Lines.Where(line => line.Amount is not null).GroupBy(line => (line.Charge, line.Currency))
            .Select(lines => (lines.Key.Charge, lines.Aggregate(Money.Zero(lines.Key.Currency), (sum, line) => sum + line.Amount!.Value))),
    ];
}
