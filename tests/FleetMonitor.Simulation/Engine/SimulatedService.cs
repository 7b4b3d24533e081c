using System.Collections.ObjectModel;
using FleetMonitor.Anomalies;
using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Service.Alerts;
using FleetMonitor.Service.Influx;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Simulation.World;
using FleetMonitor.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

namespace FleetMonitor.Simulation.Engine;

/// <summary>One process of the service, put together as the host does it, on the world's disk and clock.</summary>
internal sealed class SimulatedService
{
    public static readonly TimeSpan MaxFuture = TimeSpan.FromMinutes(5);
    public static readonly TimeZoneInfo DefaultZone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Almaty");

    private SimulatedService(
        FaultyLedger ledger, PipelineLoop loop, Decider decider, FleetState fleet, PipelineCounters counters, PointWorks points)
    {
        (Ledger, Loop, Decider, Fleet, Counters, Points) = (ledger, loop, decider, fleet, counters, points);
    }

    public FaultyLedger Ledger { get; }

    public PipelineLoop Loop { get; }

    public Decider Decider { get; }

    public FleetState Fleet { get; }

    public PipelineCounters Counters { get; }

    public PointWorks Points { get; }

    /// <exception cref="LedgerException">What is on the disk cannot be read back.</exception>
    public static SimulatedService Create(
        FaultyLedger ledger,
        IDisk disk,
        SimulatedStore store,
        FleetSnapshot snapshot,
        ServiceSettings settings,
        bool clockFromMessages,
        SimulatedTime time)
    {
        var fleet = new FleetState(snapshot, DefaultZone);
        ShardSet shards = Shards(fleet, settings, settings.Shards, ledger.BlocksFrom, time.Now);
        var redeliveries = new Redeliveries();
        var counters = new PipelineCounters();
        InfluxProjection projection;
        AlertDesk alerts;
        using (IDiskView view = disk.Read())
        {
            shards.Recover(view);
            redeliveries.Restore(view.Redeliveries());
            projection = new InfluxProjection(view, NoLevies, settings.Metering, shards, time);
            alerts = new AlertDesk(new AlertOptions { Levels = new StakeLevels(), HoldBack = TimeSpan.FromSeconds(20) }, shards, projection, counters);
            alerts.Restore(view, time.Now);
        }

        var decider = new Decider(
            new TelemetryDecoder(
                ProfileSet.Shipped,
                () => fleet.Current,
                new DecodeOptions
                {
                    MaxFuture = MaxFuture,
                    MaxDevicePower = settings.Metering.MaxDevicePower,
                    DefaultSite = "site-1",
                    DefaultTimeZone = DefaultZone,
                }),
            shards,
            fleet,
            redeliveries,
            projection,
            alerts,
            new DeciderOptions(MaxUnregistered: 1_000, settings.CheckpointAfter),
            counters);
        var loop = new PipelineLoop(
            decider,
            ledger,
            counters,
            new PipelineLoopOptions(
                clockFromMessages ? 50 : int.MaxValue, QueuedMessages: int.MaxValue, TimeSpan.Zero, TimeSpan.FromSeconds(5), clockFromMessages),
            time,
            NullLogger.Instance);
        return new SimulatedService(
            ledger, loop, decider, fleet, counters, new PointWorks(projection, loop, ledger, disk, store, settings.Metering, time));
    }

    /// <summary>They are of the moment, no function of the readings: nothing to hold against a model.</summary>
    private static ReadOnlyDictionary<string, SiteLevy> NoLevies(Instant window, IReadOnlyCollection<string> sites, ShardSet shards) =>
        ReadOnlyDictionary<string, SiteLevy>.Empty;

    /// <summary>The books as one that only reads the ledger makes them.</summary>
    public static IReadOnlyList<DeviceDay> OverlayOf(IDiskView view, FleetSnapshot snapshot, ServiceSettings settings, Instant now)
    {
        ShardSet shards = Shards(new FleetState(snapshot, DefaultZone), settings, 1, view.BlocksFrom, now);
        shards.Recover(view);
        return shards.Overlay();
    }

    /// <summary>Meters by the facts as they are now.</summary>
    public bool ApplyFacts() => TakeFleet(Fleet.Current);

    /// <summary>Meters by a fleet file that was read anew.</summary>
    public bool TakeFleet(FleetSnapshot fleet)
    {
        Ledger.RebuildAccounts(Accounts.FactsOf(fleet), (device, day) => Accounts.Of(fleet.Site(device.Site), device, day));
        Fleet.Replace(fleet);
        Decider.ApplyFacts();
        return true;
    }

    private static ShardSet Shards(
        FleetState fleet, ServiceSettings settings, int count, Func<int, Instant, IReadOnlyList<ReadingBlock>> blocks, Instant now) =>
        new(count, settings.BlockReadings, fleet, settings.Metering, new AnomalyOptions(), RateSchedule.Kazakhstan, blocks, now);
}
