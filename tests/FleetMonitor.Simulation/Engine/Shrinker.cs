using System.Diagnostics;
using FleetMonitor.Simulation.World;

namespace FleetMonitor.Simulation.Engine;

/// <summary>Makes a history that goes wrong shorter, as long as it still goes wrong.</summary>
internal static class Shrinker
{
    public static WorldPlan Shrink(WorldPlan plan, Func<WorldPlan, bool> fails, TimeSpan atMost)
    {
        var watch = Stopwatch.StartNew();
        for (int chunk = plan.Acts.Count / 2; chunk > 0 && watch.Elapsed < atMost; chunk = chunk == 1 ? 0 : (chunk + 1) / 2)
        {
            for (int at = 0; at < plan.Acts.Count && watch.Elapsed < atMost;)
            {
                WorldPlan shorter = plan with { Acts = [.. plan.Acts.Take(at), .. plan.Acts.Skip(at + chunk)] };
                if (fails(shorter))
                {
                    plan = shorter;
                }
                else
                {
                    at += chunk;
                }
            }
        }

        return plan;
    }
}
