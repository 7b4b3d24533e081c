namespace FleetMonitor.Levy;

/// <summary>The rate of a site's energy on one day, and why it is that one.</summary>
public sealed record RateLine
{
    /// <summary>The charge that this is a rate of.</summary>
    public required string Charge { get; init; }

    public required string Code { get; init; }

    /// <summary>Money per kWh; null where the energy is unrated.</summary>
    public required decimal? PerKwh { get; init; }

    public required string LegalRef { get; init; }

    public required string Currency { get; init; }

    /// <summary>Facts that the rate could depend on and nobody stated, by their names in the fleet file (S13).</summary>
    public required IReadOnlyList<string> Unconfirmed { get; init; }

    /// <summary>Codes of all rules that applied; for unrated energy, what is missing.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>True where the rate follows from the period's average price: provisional until the period is over.</summary>
    public required bool ByAveragePrice { get; init; }

    public bool IsUnrated => PerKwh is null;

    /// <summary>A reason for unrated energy: the average price is not known.</summary>
    public const string AveragePriceUnknown = "average-price-unknown";

    /// <summary>A reason for unrated energy: the day's contract price is not known.</summary>
    public const string ContractPriceUnknown = "contract-price-unknown";
}
