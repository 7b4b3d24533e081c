using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using FleetMonitor.Simulation.World;
using Xunit;
using Xunit.Abstractions;

namespace FleetMonitor.Simulation.Engine;

/// <summary>
/// Seeded worlds around the real pipeline: whatever devices, brokers, disk, time-series store and operators do, nothing acknowledged is lost,
/// nothing counts twice, and the time series says what the books say. <c>FLEETMONITOR_SEED=n</c> runs one world, <c>FLEETMONITOR_SEEDS=n</c>
/// that many; <c>simulate.sh</c> takes them as <c>--seed</c> and <c>--seeds</c>.
/// </summary>
public class EngineSimulationTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Shrinking = TimeSpan.FromSeconds(20);

    [Fact]
    public void Books_OfAnyWorld_AreTheModels()
    {
        WorldTally tally = Run(seeds: 1_200, _ => new MemoryDisk());

        Assert.True(tally.HasReachedEverything || IsChosen, "Some kind of trouble came up in no world.");

        // Any world that had lost or doubled something would have ended the run.
        Counts.Write("simulation", [.. tally.ForPromises, ("lost", 0), ("doubled", 0)]);
    }

    [Fact]
    public void Books_OfAnyWorldOnTheRealLedger_AreTheModels()
    {
        WorldTally real = Run(seeds: 30, seed => new SqliteDisk(seed));
        WorldTally inMemory = Run(seeds: 30, _ => new MemoryDisk());

        // What holds in memory means something only as long as both go the same way, step by step.
        Assert.Equal(inMemory.DescribeCounts(), real.DescribeCounts());
    }

    private static bool IsChosen => (Number("FLEETMONITOR_SEED") ?? Number("FLEETMONITOR_SEEDS")) is not null;

    private WorldTally Run(int seeds, Func<int, IDisk> newDisk)
    {
        int[] worlds = Number("FLEETMONITOR_SEED") is { } only
            ? [only]
            : [.. Enumerable.Range(0, Number("FLEETMONITOR_SEEDS") ?? seeds)];
        var watch = Stopwatch.StartNew();
        var tally = new WorldTally();
        var failed = new ConcurrentDictionary<int, string>();
        int next = 0;
        // Threads of their own: each waits for its loop, which lives in the pool.
        Thread[] workers = [.. Enumerable.Range(0, Math.Min(2, Environment.ProcessorCount)).Select(_ => new Thread(() =>
        {
            while (failed.IsEmpty && Interlocked.Increment(ref next) is var taken && taken <= worlds.Length)
            {
                int seed = worlds[taken - 1];
                if (RunOne(WorldWriter.Write(seed), newDisk, tally) is { } violation)
                {
                    failed[seed] = violation;
                }
            }
        }))];
        foreach (Thread worker in workers)
        {
            worker.Start();
        }

        foreach (Thread worker in workers)
        {
            worker.Join();
        }

        output.WriteLine(tally.Describe(watch.Elapsed));
        if (!failed.IsEmpty)
        {
            int seed = failed.Keys.Min();
            WorldPlan shrunk = Shrinker.Shrink(
                WorldWriter.Write(seed), plan => IsSame(RunOne(plan, newDisk, new WorldTally()), failed[seed]), Shrinking);
            Assert.Fail(
                $"FLEETMONITOR_SEED={seed}\n{failed[seed]}\nshrunk to\n{shrunk.Describe()}\n{RunOne(shrunk, newDisk, new WorldTally())}");
        }

        return tally;
    }

    /// <summary>Shortening must not wander off to another fault.</summary>
    private static bool IsSame(string? violation, string first) =>
        violation is not null && violation.StartsWith(first[..Math.Min(first.Length, 20)], StringComparison.Ordinal);

    private static string? RunOne(WorldPlan plan, Func<int, IDisk> newDisk, WorldTally tally)
    {
        using IDisk disk = newDisk(plan.Seed);
        return WorldRun.Of(plan, disk, tally);
    }

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
