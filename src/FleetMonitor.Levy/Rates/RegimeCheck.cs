using FleetMonitor.Fleet.Json;

namespace FleetMonitor.Levy;

/// <summary>What makes a regime's rules give one answer for every fact and price, or each reason why they do not.</summary>
internal static class RegimeCheck
{
    public static void Check(
        ProblemList problems, Regime regime, JsonNode node, List<(RateRule Rule, JsonNode Node)> rules, ChargeBasis basis)
    {
        List<(RateRule Rule, JsonNode Node)> bases = rules.FindAll(rule => rule.Rule.Role == RuleRole.Base);
        CheckBase(problems, bases, node);
        CheckOthers(problems, rules);
        bool canBeUnrated = regime.ByAveragePrice || basis == ChargeBasis.ElectricityCost || regime.Rules.Any(rule => rule.Rate is null);
        if (canBeUnrated && regime.Unrated is null)
        {
            problems.Add(
                node.PathOf("unrated"), null, "missing", "give energy whose rate is not known a line: {\"code\":\"…-unrated\",\"legalRef\":\"…\"}");
        }

        if (basis == ChargeBasis.Revenue && !(rules.Count == 1 && bases.Count == 1 && bases[0].Rule.Rate is not null))
        {
            problems.Add(node, "turnover has no selectors", "state one base rule with its rate");
        }
    }

    private static void CheckBase(ProblemList problems, List<(RateRule Rule, JsonNode Node)> bases, JsonNode regime)
    {
        foreach ((RateRule rule, JsonNode node) in bases)
        {
            if (rule.When with { AveragePrice = null } != RuleCondition.Always)
            {
                problems.Add(node.PathOf("when"), null, "a base rule selects by averagePrice only", "make the rule exclusive or added");
            }
        }

        if (bases.Count == 0)
        {
            problems.Add(regime.PathOf("rules"), null, "no base rule", "state the ordinary rate, with the role base");
        }
        else if (bases.TrueForAll(rule => rule.Rule.When.AveragePrice is not null))
        {
            CheckBands(problems, bases);
        }
        else if (bases.Count > 1)
        {
            problems.Add(bases[^1].Node, "overlaps another base rule", "keep one, or give each an averagePrice band");
        }
    }

    private static void CheckBands(ProblemList problems, List<(RateRule Rule, JsonNode Node)> bases)
    {
        decimal? reached = 0m;
        foreach ((RateRule rule, JsonNode node) in bases.OrderBy(rule => rule.Rule.When.AveragePrice!.From))
        {
            PriceBand band = rule.When.AveragePrice!;
            if (reached is null || band.From < reached)
            {
                problems.Add(node, "overlaps another averagePrice band", "begin each band where the one below ends");
            }
            else if (band.From > reached)
            {
                problems.Add(node, $"leaves a hole: no band holds prices from {reached} to {band.From}", "begin the band there");
            }

            reached = band.To;
        }

        if (reached is not null)
        {
            problems.Add(bases[^1].Node, $"leaves a hole: no band holds prices of {reached} and above", "leave the last band's \"to\" out");
        }
    }

    private static void CheckOthers(ProblemList problems, List<(RateRule Rule, JsonNode Node)> rules)
    {
        var exclusive = new List<RateRule>();
        foreach ((RateRule rule, JsonNode node) in rules.Where(rule => rule.Rule.Role != RuleRole.Base))
        {
            if (rule.When == RuleCondition.Always)
            {
                problems.Add(node.PathOf("when"), null, "missing", "a rule that always applies is the base rule; state when this one does");
            }

            if (rule.When.AveragePrice is not null)
            {
                problems.Add(node.PathOf("when"), null, "averagePrice selects among base rules only", "give the rule the role base");
            }

            if (rule.Role == RuleRole.Exclusive)
            {
                foreach (RateRule other in exclusive.Where(other => !Disjoint(rule.When, other.When)))
                {
                    problems.Add(node, $"overlaps {other.Code}: both exclusive rules can hold at once", "let their facts exclude each other");
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
