using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Metering;
using FleetMonitor.Service.Influx;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Simulation.World;
using Microsoft.Extensions.Logging.Abstractions;

namespace FleetMonitor.Simulation.Engine;

/// <summary>What brings a process's points to the store: the service's own, each taking its turn when the world says so.</summary>
internal sealed class PointWorks : IDisposable
{
    private readonly InfluxProjection _projection;
    private readonly OutboxSender _sender;
    private readonly SiteWindowRemaker _remaker;

    public PointWorks(
        InfluxProjection projection,
        PipelineLoop loop,
        ILedger ledger,
        IDisk disk,
        SimulatedStore store,
        MeteringOptions metering,
        SimulatedTime time)
    {
        _projection = projection;
        var turns = new TurnTime(time);
        _sender = new OutboxSender(
            loop, atMost => Oldest(disk, atMost), store.Settings, projection.Gauge, store, turns, NullLogger<OutboxSender>.Instance);
        _remaker = new SiteWindowRemaker(loop, ledger, metering.Window, projection, turns, NullLogger<SiteWindowRemaker>.Instance);
    }

    public OutboxGauge Gauge => _projection.Gauge;

    public bool HasMarkedHours => _projection.SiteWindows.Hours.Count > 0;

    public Task SendAsync() => _sender.TurnAsync(CancellationToken.None);

    public Task RemakeAsync() => _remaker.TurnAsync(CancellationToken.None);

    public void Dispose()
    {
        _sender.Dispose();
        _remaker.Dispose();
    }

    private static IEnumerable<OutboxRow> Oldest(IDisk disk, int atMost)
    {
        using IDiskView view = disk.Read();
        foreach (OutboxRow row in view.Outbox(after: 0, atMost))
        {
            yield return row;
        }
    }
}
