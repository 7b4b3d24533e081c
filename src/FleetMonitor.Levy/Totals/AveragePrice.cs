using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Levy;

/// <summary>
/// The average price of a site's electricity in a tax period: contract prices weighted by the billed energy of the days they held on.
/// Weighting by days instead would be wrong as soon as volumes differ. Energy that an exclusive rule rates (own generation) was not
/// bought at a price and stays out.
/// </summary>
public static class AveragePrice
{
    /// <param name="days">Billed energy of the period's days; a day may come more than once.</param>
    /// <returns>
    /// Money per kWh; null where energy was consumed on a day without a stated price, or where nothing was consumed and the stated prices
    /// differ. Provisional until the period is over.
    /// </returns>
    public static decimal? Of(Site site, Charge charge, IEnumerable<(DateOnly Day, Energy Energy)> days)
    {
        decimal cost = 0m;
        decimal kwh = 0m;
        bool known = true;
        var prices = new HashSet<decimal?>();
        foreach ((DateOnly day, Energy energy) in days)
        {
            RateFacts facts = RateFacts.Of(site, day);
            if (Rating.TakesPlaceOfBase(charge.RegimeOn(day), facts))
            {
                continue;
            }

            prices.Add(facts.ContractPrice);
            kwh += energy.KilowattHours;
            cost += energy.KilowattHours * (facts.ContractPrice ?? 0m);
            known &= facts.ContractPrice is not null || energy == Energy.Zero;
        }

        // One price needs no division, whose last digit could sit on the wrong side of a band's edge.
        return !known ? null
            : prices.Count == 1 ? prices.Single()
            : kwh > 0m ? cost / kwh
            : null;
    }
}
