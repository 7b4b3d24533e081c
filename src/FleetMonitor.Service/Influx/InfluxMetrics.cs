using FleetMonitor.Service.Http;

namespace FleetMonitor.Service.Influx;

/// <summary>The way to the time-series store, in numbers.</summary>
internal sealed class InfluxMetrics(OutboxGauge gauge) : IMetricsSource
{
    public void Write(MetricsWriter metrics)
    {
        InfluxStatus status = gauge.Status;
        metrics.Gauge("fleetmonitor_influx_up", "1 while points arrive.").Value(status.State == InfluxState.Sending ? 1 : 0);
        metrics.Gauge("fleetmonitor_influx_lag_seconds", "Age of the oldest point that waits.").Value(status.Lag.TotalSeconds);
        metrics.Gauge("fleetmonitor_influx_outbox_entries", "Batches of points that wait.").Value(status.Entries);
        metrics.Gauge("fleetmonitor_influx_outbox_bytes", "What they take on disk.").Value(status.Bytes);
        metrics.Counter("fleetmonitor_influx_sent_total", "Points that arrived.").Value(status.Sent);
        metrics.Counter("fleetmonitor_influx_rejected_total", "Points that the store refused for good; they are kept with the reason.")
            .Value(status.Rejected);
        metrics.Counter("fleetmonitor_influx_dropped_total", "Points let go unsent for want of room, since the ledger was made.")
            .Value(status.Dropped);
    }
}
