using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Simulation.World;
using FleetMonitor.Telemetry;
using Xunit;

namespace FleetMonitor.Simulation.Engine;

/// <summary>Histories that were found, or thought of, one by one.</summary>
public class WorkedWorldTests
{
    private static readonly ServiceSettings Settings = new(2, 8, TimeSpan.FromMinutes(10), MeteringOptions.Default);
    private int _number;

    /// <summary>The new session counts its packets anew: an equal message under an equal number is news there, also as a redelivery (S4).</summary>
    [Fact]
    public void Redelivery_OfANewSession_IsNotTakenForOneOfTheOld() => AssertHolds(
        new Deliver(0, 1, 0, 0),
        new Publish(0, Power()),
        new Deliver(0, 1, 0, 0),
        new Decide(),
        new Wait(TimeSpan.FromSeconds(60)),
        new LoseSession(0),
        new Deliver(0, 1, 0, 0),
        new Publish(0, Power()),
        new Deliver(0, 1, 0, LostLast: 1),
        new Deliver(0, 1, 0, 0),
        new Decide());

    /// <summary>No time had passed for the first process: nothing said from when on its windows were unfinished.</summary>
    [Fact]
    public void SiteWindows_OfAProcessKilledBeforeItsFirstTick_AreSummedAgain() => AssertHolds(
        new Deliver(0, 1, 0, 0),
        new Publish(0, Power()),
        new Deliver(0, 1, 0, 0),
        new Jump(TimeSpan.FromHours(2)),
        new Publish(0, Power()),
        new Deliver(0, 1, 0, 0),
        new Wait(TimeSpan.FromMinutes(2)),
        new Publish(0, Power()),
        new Deliver(0, 1, 0, 0),
        new Wait(TimeSpan.FromMinutes(2)),
        new Publish(0, Power()),
        new Deliver(0, 1, 0, 0),
        new Decide(),
        new Restart(Kill: true, Settings));

    private Message Power() => new(
        ++_number,
        new DeviceKey("south", "rig-0"),
        "fleet/south/rig-0/telemetry",
        """{"power_w":3000}""",
        new Reading(default, ReadingFields.Power, new Power(3_000_000)),
        HasTime: false,
        Refused: false,
        Retain: false);

    private static void AssertHolds(params Act[] acts)
    {
        using var disk = new MemoryDisk();
        Instant start = Instant.From(new DateTimeOffset(2026, 11, 20, 12, 0, 0, TimeSpan.Zero));
        var plan = new WorldPlan(0, start, [new BrokerTraits(10, 1, false)], new StoreTraits(StoreKind.InfluxDb2, 0, long.MaxValue), FleetSnapshot.Empty, Settings, acts);

        Assert.Null(WorldRun.Of(plan, disk, new WorldTally()));
    }
}
