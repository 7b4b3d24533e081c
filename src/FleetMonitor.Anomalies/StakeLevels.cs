namespace FleetMonitor.Anomalies;

/// <summary>How much at stake a day makes an alert a warning, and how much makes it critical. Everything that grades alerts is given it.</summary>
public sealed record StakeLevels
{
    /// <summary>Levy at stake a day, in the schedule's currency, from which an alert is a warning.</summary>
    public decimal WarningLevyPerDay { get; init; } = 20m;

    /// <summary>And from which it is critical.</summary>
    public decimal CriticalLevyPerDay { get; init; } = 1000m;

    /// <summary>Energy at stake from which an alert is a warning where no rate is known, in kWh a day.</summary>
    public decimal WarningKwhPerDay { get; init; } = 10m;

    /// <summary>And from which it is critical.</summary>
    public decimal CriticalKwhPerDay { get; init; } = 500m;

    /// <summary>How bad it is by the money at stake, or by the energy where nobody knows its price, and never less than <paramref name="least"/>.</summary>
    internal AnomalySeverity Grade(decimal kwhPerDay, decimal? levyPerDay, AnomalySeverity least)
    {
        (decimal stake, decimal warning, decimal critical) = levyPerDay is { } levy and > 0
            ? (levy, WarningLevyPerDay, CriticalLevyPerDay)
            : (kwhPerDay, WarningKwhPerDay, CriticalKwhPerDay);
        AnomalySeverity byStake = stake >= critical ? AnomalySeverity.Critical : stake >= warning ? AnomalySeverity.Warning : AnomalySeverity.Info;
        return byStake > least ? byStake : least;
    }
}
