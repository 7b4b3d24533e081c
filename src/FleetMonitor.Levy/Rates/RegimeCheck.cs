namespace FleetMonitor.Levy;

/// <summary>What makes a regime's rules give one answer for every fact and price, or each reason why they do not.</summary>
internal static class RegimeCheck
{
    public static void Check(ScheduleJson json, Regime regime, List<(RateRule Item, string Path)> rules, string path, ChargeBasis basis)
    {
        List<(RateRule Item, string Path)> bases = rules.FindAll(rule => rule.Item.Role == RuleRole.Base);
        CheckBase(json, bases, path);
        CheckOthers(json, rules);
        bool canBeUnrated = regime.ByAveragePrice || basis == ChargeBasis.ElectricityCost || regime.Rules.Any(rule => rule.Rate is null);
        if (canBeUnrated && regime.Unrated is null)
        {
            json.Problem($"{path}.unrated", "is missing: energy whose rate is not known needs a line to be shown on");
        }

        if (basis == ChargeBasis.Revenue && (rules.Count != 1 || bases.Count != 1 || bases[0].Item is not { Rate: not null }))
        {
            json.Problem(path, "must hold one base rule with a rate: turnover has no selectors");
        }
    }

    private static void CheckBase(ScheduleJson json, List<(RateRule Item, string Path)> bases, string path)
    {
        if (bases.Count == 0)
        {
            json.Problem($"{path}.rules", "hold no base rule");
            return;
        }

        foreach ((RateRule rule, string rulePath) in bases)
        {
            if (rule.When with { AveragePrice = null } != RuleCondition.Always)
            {
                json.Problem($"{rulePath}.when", "may only hold averagePrice in a base rule; make the rule exclusive or added");
            }
        }

        if (bases.Exists(rule => rule.Item.When.AveragePrice is null))
        {
            if (bases.Count > 1)
            {
                json.Problem($"{path}.rules", "hold more than one base rule, and not all are averagePrice bands: they overlap");
            }

            return;
        }

        CheckBands(json, bases);
    }

    private static void CheckBands(ScheduleJson json, List<(RateRule Item, string Path)> bases)
    {
        decimal? reached = 0m;
        foreach ((RateRule rule, string path) in bases.OrderBy(rule => rule.Item.When.AveragePrice!.From))
        {
            PriceBand band = rule.When.AveragePrice!;
            if (reached is null || band.From < reached)
            {
                json.Problem($"{path}.when.averagePrice", "overlaps another band");
            }
            else if (band.From > reached)
            {
                json.Problem($"{path}.when.averagePrice", $"leaves a hole: no band holds prices from {reached} to {band.From}");
            }

            reached = band.To;
        }

        if (reached is not null)
        {
            json.Problem($"{bases[^1].Path}.when.averagePrice", $"leaves a hole: no band holds prices of {reached} and above");
        }
    }

    private static void CheckOthers(ScheduleJson json, List<(RateRule Item, string Path)> rules)
    {
        var exclusive = new List<RateRule>();
        foreach ((RateRule rule, string path) in rules.Where(rule => rule.Item.Role != RuleRole.Base))
        {
            if (rule.When == RuleCondition.Always)
            {
                json.Problem($"{path}.when", "is missing: a rule that always applies is the base rule");
            }

            if (rule.When.AveragePrice is not null)
            {
                json.Problem($"{path}.when.averagePrice", "selects among base rules only");
            }

            if (rule.Role == RuleRole.Exclusive)
            {
                foreach (RateRule other in exclusive.Where(other => !Disjoint(rule.When, other.When)))
                {
                    json.Problem($"{path}.when", $"can hold together with that of {other.Code}: two exclusive rules overlap");
                }

                exclusive.Add(rule);
            }
        }
    }

    private static bool Disjoint(RuleCondition left, RuleCondition right) =>
        Disjoint(left.EnergySource, right.EnergySource) || Disjoint(left.Licence, right.Licence)
        || Disjoint(left.MeterStatus, right.MeterStatus) || Disjoint(left.Tenant, right.Tenant);

    private static bool Disjoint<T>(IReadOnlyList<T>? left, IReadOnlyList<T>? right) =>
        left is not null && right is not null && !left.Intersect(right).Any();
}
