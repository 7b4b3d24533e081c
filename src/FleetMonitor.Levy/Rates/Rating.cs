using FleetMonitor.Fleet;

namespace FleetMonitor.Levy;

/// <summary>What is known of a site (and tenant) on one day, as far as rates can depend on it.</summary>
/// <param name="Licence"><c>none</c> states that there is no licence; null is unstated.</param>
/// <param name="ContractPrice">Money per kWh.</param>
public readonly record struct RateFacts(
    EnergySource? EnergySource, string? Licence, MeterStatus? MeterStatus, decimal? ContractPrice, string? Tenant)
{
    public static RateFacts Of(Site site, DateOnly day, string? tenant = null) => new(
        site.EnergySource.On(day)?.Value,
        site.Licence.On(day)?.Value,
        site.MeterStatus.On(day)?.Value,
        site.ContractPrice.On(day)?.Value,
        tenant);
}

/// <summary>Rates facts by one regime of a charge: a pure function, the whole of the law table's meaning.</summary>
internal static class Rating
{
    /// <param name="averagePrice">Of the tax period, money per kWh; null where it is not known.</param>
    public static RateLine Rate(Charge charge, Regime regime, in RateFacts facts, decimal? averagePrice)
    {
        bool exclusive = TakesPlaceOfBase(regime, facts);
        bool banded = !exclusive && regime.ByAveragePrice;
        bool priceMissing = banded && averagePrice is null;
        var applying = new List<RateRule>();
        var possible = new List<RateRule>();
        foreach (RateRule rule in regime.Rules)
        {
            bool isBase = rule.Role == RuleRole.Base;
            if (isBase && exclusive)
            {
                continue;
            }

            if (Holds(rule.When, facts, averagePrice))
            {
                applying.Add(rule);
                possible.Add(rule);
            }
            else if (isBase && priceMissing)
            {
                possible.Add(rule);
            }
        }

        RateRule? winner = Winner(regime.Precedence, applying, possible);
        var reasons = applying.ConvertAll(rule => rule.Code);
        if (priceMissing)
        {
            reasons.Add(RateLine.AveragePriceUnknown);
        }

        decimal? perKwh = winner?.Rate;
        if (charge.Basis == ChargeBasis.ElectricityCost && perKwh is { } share && share != 0m)
        {
            perKwh = share * facts.ContractPrice;
            if (perKwh is null)
            {
                reasons.Add(RateLine.ContractPriceUnknown);
            }
        }

        return new RateLine
        {
            Charge = charge.Code,
            Code = perKwh is null ? regime.Unrated!.Code : winner!.Code,
            PerKwh = perKwh,
            LegalRef = perKwh is null ? regime.Unrated!.LegalRef : winner!.LegalRef,
            Currency = charge.Currency,
            Unconfirmed = Unconfirmed(regime, facts),
            Reasons = reasons,
            ByAveragePrice = banded,
        };
    }

    /// <summary>True where an exclusive rule holds: such energy was not bought at a price, so the average price leaves it out.</summary>
    public static bool TakesPlaceOfBase(Regime regime, in RateFacts facts)
    {
        foreach (RateRule rule in regime.Rules)
        {
            if (rule.Role == RuleRole.Exclusive && Holds(rule.When, facts, averagePrice: null))
            {
                return true;
            }
        }

        return false;
    }

    // Among what may apply, an unknown rate leaves the energy unrated, unless a known one is as high as the unknown could be.
    private static RateRule? Winner(Precedence precedence, List<RateRule> applying, List<RateRule> possible)
    {
        if (precedence == Precedence.First)
        {
            return applying.Contains(possible[0]) && possible[0].Rate is not null ? possible[0] : null;
        }

        RateRule? highest = null;
        foreach (RateRule rule in applying)
        {
            if (rule.Rate is { } rate && (highest is null || rate > highest.Rate))
            {
                highest = rule;
            }
        }

        bool couldBeHigher = possible.Exists(rule => (rule.Rate ?? rule.AtMost ?? decimal.MaxValue) > highest?.Rate);
        return couldBeHigher ? null : highest;
    }

    private static bool Holds(RuleCondition when, in RateFacts facts, decimal? averagePrice) =>
        (when.AveragePrice is not { } band || (averagePrice is { } price && band.Holds(price)))
        && (when.EnergySource is not { } sources || (facts.EnergySource is { } source && sources.Contains(source)))
        && (when.Licence is not { } licences || (facts.Licence is { } licence && licences.Contains(licence)))
        && (when.MeterStatus is not { } statuses || (facts.MeterStatus is { } status && statuses.Contains(status)))
        && (when.Tenant is not { } tenants || (facts.Tenant is { } tenant && tenants.Contains(tenant)));

    private static string[] Unconfirmed(Regime regime, in RateFacts facts)
    {
        var unstated = new List<string>();
        if (facts.EnergySource is null && regime.Rules.Any(rule => rule.When.EnergySource is not null))
        {
            unstated.Add("energySource");
        }

        if (facts.Licence is null && regime.Rules.Any(rule => rule.When.Licence is not null))
        {
            unstated.Add("licence");
        }

        if (facts.MeterStatus is null && regime.Rules.Any(rule => rule.When.MeterStatus is not null))
        {
            unstated.Add("meterStatus");
        }

        return [.. unstated];
    }
}
