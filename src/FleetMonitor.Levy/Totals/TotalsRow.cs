using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;

namespace FleetMonitor.Levy;

/// <summary>One row of accrued totals: energy of one site, period and rate, split further as asked for.</summary>
public sealed record TotalsRow
{
    /// <summary>Stands in place of a device or tenant for what the control meter counted and no device reported.</summary>
    public const string Residual = "(residual)";

    /// <summary>Stands in place of a device for energy that a named person entered for the site as a whole.</summary>
    public const string WholeSite = "(site)";

    public required string Site { get; init; }

    public required TaxPeriod Period { get; init; }

    /// <summary>Set where totals are split by day.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>Set where totals are split by device.</summary>
    public string? Device { get; init; }

    /// <summary>Set where totals are split by tenant and one is stated.</summary>
    public string? Tenant { get; init; }

    public required string RateCode { get; init; }

    /// <summary>Money per kWh; null where the energy is unrated.</summary>
    public required decimal? PerKwh { get; init; }

    public required string LegalRef { get; init; }

    public required string Currency { get; init; }

    public required EnergyByQuality Energy { get; init; }

    /// <summary>The part of <see cref="Energy"/> that named persons entered by hand; null where nobody entered any.</summary>
    public Energy? ByHand { get; init; }

    /// <summary>kWh × rate, unrounded; null where the energy is unrated.</summary>
    public Money? Amount => PerKwh is { } perKwh ? Money.For(Energy.Total, perKwh, Currency) : null;

    /// <summary>Facts that the rate could depend on and nobody stated on at least one of the row's days, by their names in the fleet file.</summary>
    public required IReadOnlyList<string> Unconfirmed { get; init; }

    /// <summary>Codes of the rules that applied on the row's days; for unrated energy, what is missing.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>True while the rate may still change with the period's average price.</summary>
    public required bool Provisional { get; init; }
}
