namespace FleetMonitor.Levy;

/// <summary>What a charge is counted on.</summary>
public enum ChargeBasis
{
    /// <summary>Energy consumed: the rate is money per kWh.</summary>
    Kwh,

    /// <summary>The cost of the electricity consumed: the rate is a share of the contract price per kWh.</summary>
    ElectricityCost,

    /// <summary>Turnover entered by a named person: the rate is a share of it.</summary>
    Revenue,
}

/// <summary>A name in the two languages that statements are printed in.</summary>
public sealed record BilingualText(string En, string Ru);

/// <summary>One tax or fee: what it counts on, and by date how much and when it is filed.</summary>
public sealed record Charge
{
    /// <summary>Stable kebab-case name.</summary>
    public required string Code { get; init; }

    public required BilingualText Name { get; init; }

    public required ChargeBasis Basis { get; init; }

    /// <summary>ISO 4217 code.</summary>
    public required string Currency { get; init; }

    /// <summary>In order of time, without overlap or hole, from the first of all days to the last: every day has one.</summary>
    public required IReadOnlyList<Regime> Regimes { get; init; }

    /// <summary>In order of time, without overlap. Where none holds, nothing is filed.</summary>
    public required IReadOnlyList<FilingRule> Filing { get; init; }

    /// <summary>In order of time, without overlap. Where none holds, no volume is ever deemed.</summary>
    public required IReadOnlyList<DeemedVolumeRule> DeemedVolume { get; init; }

    public Regime RegimeOn(DateOnly day)
    {
        foreach (Regime regime in Regimes)
        {
            if (regime.To is not { } to || day < to)
            {
                return regime;
            }
        }

        throw new InvalidOperationException($"Charge {Code} has no regime on {day:yyyy-MM-dd}; the schedule was not checked.");
    }
}

/// <summary>How one charge is rated on the days <c>From ≤ day &lt; To</c>.</summary>
public sealed record Regime
{
    public required DateOnly? From { get; init; }

    public required DateOnly? To { get; init; }

    public required Precedence Precedence { get; init; }

    /// <summary>The line that energy goes to whose rate is not known; null where that cannot happen.</summary>
    public required UnratedLine? Unrated { get; init; }

    /// <summary>In the file's order, which also settles ties.</summary>
    public required IReadOnlyList<RateRule> Rules { get; init; }

    public bool ByAveragePrice => Rules.Any(rule => rule.When.AveragePrice is not null);

    public bool ByTenant => Rules.Any(rule => rule.When.Tenant is not null);
}

/// <summary>Which rate counts where several apply.</summary>
public enum Precedence
{
    Highest,

    /// <summary>The first in the file's order.</summary>
    First,
}

/// <summary>Where energy without a known rate is shown.</summary>
public sealed record UnratedLine(string Code, string LegalRef);

/// <summary>How a rule joins the rates that apply.</summary>
public enum RuleRole
{
    /// <summary>The ordinary rate: one flat rate, or average-price bands that leave no price out.</summary>
    Base,

    /// <summary>Takes the place of the ordinary rate where its facts hold.</summary>
    Exclusive,

    /// <summary>Applies beside the others where its facts hold.</summary>
    Added,
}

/// <summary>One rate of a regime.</summary>
public sealed record RateRule
{
    public required string Code { get; init; }

    public required RuleRole Role { get; init; }

    public required RuleCondition When { get; init; }

    /// <summary>Money per kWh, or a share; null where the law's figure is not known yet.</summary>
    public required decimal? Rate { get; init; }

    /// <summary>For an unknown rate, what it cannot exceed, so that a higher rule that applies still settles the matter.</summary>
    public required decimal? AtMost { get; init; }

    public required string LegalRef { get; init; }
}

/// <summary>Prices <c>From ≤ price &lt; To</c>; <c>To</c> is absent for the last band.</summary>
public sealed record PriceBand(decimal From, decimal? To)
{
    public bool Holds(decimal price) => From <= price && (To is not { } to || price < to);
}

/// <summary>When a rule applies: every stated part must hold; a part holds for any of its values. An unstated fact fails its part (S13).</summary>
public sealed record RuleCondition
{
    public static readonly RuleCondition Always = new();

    public PriceBand? AveragePrice { get; init; }

    public IReadOnlyList<Fleet.EnergySource>? EnergySource { get; init; }

    public IReadOnlyList<string>? Licence { get; init; }

    public IReadOnlyList<Fleet.MeterStatus>? MeterStatus { get; init; }

    public IReadOnlyList<string>? Tenant { get; init; }
}

/// <summary>Declaration (absent where none is due) and payment, counted from the quarter's last month.</summary>
public sealed record FilingRule(DateOnly? From, DateOnly? To, DueDay? Declaration, DueDay Payment, string LegalRef);

public readonly record struct DueDay(int MonthsAfter, int Day);

/// <summary>The rate at which maximum power around the clock is charged where a named person decides that meters were absent or faulty.</summary>
public sealed record DeemedVolumeRule(DateOnly? From, DateOnly? To, decimal PerKwh, string LegalRef);
