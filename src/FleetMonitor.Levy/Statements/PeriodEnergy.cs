using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;

namespace FleetMonitor.Levy;

/// <summary>A line's energy, as it counts in the sums of its period.</summary>
/// <param name="Rate">Null for energy without a known rate.</param>
public readonly record struct LineEnergy(StatementLineKind Kind, decimal? Rate, EnergyByQuality Energy);

/// <summary>What the lines of a period come to in energy: metered, and entered by hand.</summary>
public sealed record PeriodEnergy
{
    /// <summary>All of it, rated or not. What was entered by hand is within it, and its quality is that of its posting: estimated.</summary>
    public required EnergyByQuality Energy { get; init; }

    /// <summary>The part that named persons entered; null where nobody entered any.</summary>
    public required Energy? ByHand { get; init; }

    public required EnergyByQuality Unrated { get; init; }

    /// <summary>
    /// Of all energy, what was not measured, to six decimals, 1 at most: estimates, and what was entered by hand, by its size whether it adds or
    /// takes off. Zero where there is no energy.
    /// </summary>
    public required decimal EstimatedShare { get; init; }

    public static PeriodEnergy Of(IEnumerable<LineEnergy> lines)
    {
        EnergyByQuality all = EnergyByQuality.Zero;
        EnergyByQuality unrated = EnergyByQuality.Zero;
        Energy? byHand = null;
        decimal notMeasured = 0m;
        foreach ((StatementLineKind kind, decimal? rate, EnergyByQuality energy) in lines)
        {
            all += energy;
            unrated += rate is null ? energy : EnergyByQuality.Zero;
            if (kind == StatementLineKind.Manual && energy != EnergyByQuality.Zero)
            {
                byHand = (byHand ?? Fleet.Units.Energy.Zero) + energy.Total;
                notMeasured += Math.Abs((decimal)energy.Total.MicrowattHours);
            }
            else
            {
                notMeasured += energy.Estimated.MicrowattHours;
            }
        }

        return new PeriodEnergy { Energy = all, ByHand = byHand, Unrated = unrated, EstimatedShare = Share(notMeasured, all.Total) };
    }

    private static decimal Share(decimal part, Energy whole) => whole == Fleet.Units.Energy.Zero
        ? 0m
        : decimal.Round(Math.Min(1m, part / Math.Abs((decimal)whole.MicrowattHours)), 6, MidpointRounding.AwayFromZero);
}
