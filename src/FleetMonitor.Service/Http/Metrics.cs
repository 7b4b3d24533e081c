using System.Diagnostics;
using FleetMonitor.Mqtt.Listener;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Service.Sources;

namespace FleetMonitor.Service.Http;

/// <summary><c>/metrics</c>: what every <see cref="IMetricsSource"/> has to say.</summary>
internal static class Metrics
{
    public static void MapMetrics(this IEndpointRouteBuilder routes) => routes
        .MapGet("/metrics", (IEnumerable<IMetricsSource> sources) =>
        {
            var metrics = new MetricsWriter();
            foreach (IMetricsSource source in sources)
            {
                source.Write(metrics);
            }

            return TypedResults.Text(metrics.ToString(), MetricsWriter.ContentType);
        })
        .WithSummary("The service's own numbers, as Prometheus text.").WithTags("health").Produces<string>(StatusCodes.Status200OK, "text/plain");
}

/// <summary>The numbers of the pipeline, its sources and the process. It asks nobody: it answers also while the pipeline is stuck.</summary>
internal sealed class ServiceMetrics(ServiceContext context) : IMetricsSource
{
    public void Write(MetricsWriter metrics)
    {
        WritePipeline(metrics, context.Engine.Counters);
        WriteSources(metrics, [.. context.Sources.ToArray()]);
        WriteProcess(metrics);
    }

    private void WritePipeline(MetricsWriter metrics, PipelineCounters counters)
    {
        metrics.Gauge("fleetmonitor_up", "1 while the pipeline decides and commits.")
            .Value(context.Engine.Loop.Health == PipelineHealth.Running ? 1 : 0);
        metrics.Counter("fleetmonitor_messages_total", "Messages taken from sources.").Value(counters.Messages);
        metrics.Counter("fleetmonitor_readings_total", "Readings decoded.").Value(counters.Readings);
        metrics.Counter("fleetmonitor_presence_total", "Messages that say that a device came or went.").Value(counters.Presence);
        metrics.Counter("fleetmonitor_duplicates_total", "Readings that were known already.").Value(counters.Duplicates);
        metrics.Counter("fleetmonitor_conflicts_total", "Readings that disagreed with one of the same device and time.").Value(counters.Conflicts);
        metrics.Counter("fleetmonitor_late_total", "Readings older than the reorder window.").Value(counters.Late);
        metrics.Counter("fleetmonitor_too_late_total", "Readings older than what is kept: outside the totals.").Value(counters.TooLate);
        metrics.Counter("fleetmonitor_skipped_total", "Messages that measure nothing, by why.")
            .Value(counters.Retained, ("why", "retained"))
            .Value(counters.NoProfile, ("why", "no-profile"))
            .Value(counters.NoMeasurement, ("why", "no-measurement"));
        metrics.Counter("fleetmonitor_quarantined_total", "Messages refused since the start, by reason.");
        foreach ((string reason, long count) in counters.Refused.OrderBy(refused => refused.Key, StringComparer.Ordinal))
        {
            metrics.Value(count, ("reason", reason));
        }

        metrics.Gauge("fleetmonitor_quarantine_bytes", "What refused messages take on the disk.").Value(counters.QuarantineBytes);
        metrics.Counter("fleetmonitor_quarantine_let_go_total", "Refused messages that are no longer kept, for want of room.").Value(counters.QuarantineLetGo);
        metrics.Counter("fleetmonitor_acknowledged_total", "Messages acknowledged, each after its commit.").Value(counters.Acknowledged);
        metrics.Counter("fleetmonitor_session_gaps_total", "Times that a broker no longer knew our session.").Value(counters.SessionGaps);
        metrics.Counter("fleetmonitor_point_rejects_let_go_total", "Lots of refused points that are no longer kept, for want of room.")
            .Value(counters.PointRejectsLetGo);
        metrics.Counter("fleetmonitor_anomalies_raised_total", "Alerts raised: what was told, not every device of a site that went down.").Value(counters.AnomaliesRaised);
        metrics.Gauge("fleetmonitor_evidence_bytes", "What kept readings take on the disk.").Value(counters.EvidenceBytes);
        metrics.Counter("fleetmonitor_evidence_dropped_total", "Kept readings let go, by why: their age, or the disk budget.");
        foreach ((string reason, long count) in counters.EvidenceDropped)
        {
            metrics.Value(count, ("why", reason));
        }

        metrics.Counter("fleetmonitor_commits_total", "Durable commits.").Value(counters.Commits);
        metrics.Counter("fleetmonitor_commit_seconds_total", "Time spent in commits.").Value(counters.CommitSeconds);
        metrics.Gauge("fleetmonitor_commit_seconds_max", "The longest commit since the start.").Value(counters.LongestCommitSeconds);
    }

    private static void WriteSources(MetricsWriter metrics, IReadOnlyList<IMessageSource> sources)
    {
        metrics.Gauge("fleetmonitor_source_connected", "1 while readings can come in from there.");
        foreach (SourceStatus status in sources.Select(source => source.Status))
        {
            metrics.Value(status.Connected ? 1 : 0, ("source", status.Name));
        }

        foreach (ListenerSource source in sources.OfType<ListenerSource>())
        {
            MqttListenerSnapshot listener = source.Counters;
            metrics.Gauge("fleetmonitor_listener_connections", "Connections to the built-in listener.").Value(listener.Connections);
            metrics.Counter("fleetmonitor_listener_accepted_total", "Clients that connected.").Value(listener.Accepted);
            metrics.Counter("fleetmonitor_listener_received_total", "Messages taken from clients.").Value(listener.Received);
            metrics.Counter("fleetmonitor_listener_delivered_total", "Messages sent to subscribers.").Value(listener.Delivered);
            metrics.Counter("fleetmonitor_listener_dropped_total", "Messages lost to subscribers that were too slow.").Value(listener.Dropped);
            metrics.Counter("fleetmonitor_listener_passwords_hashed_total", "Passwords that were checked the slow way; others were remembered.")
                .Value(source.PasswordsHashed);
            metrics.Counter("fleetmonitor_listener_refused_total", "What was refused, by what and why.");
            foreach (MqttRefusalCount refusal in listener.Refusals)
            {
                metrics.Value(refusal.Count, ("what", refusal.Refusal.ToString()), ("reason", refusal.Reason.ToString()));
            }
        }
    }

    private void WriteProcess(MetricsWriter metrics)
    {
        LedgerDisk disk = LedgerDisk.Of(context.Engine.Ledger.Files);
        metrics.Gauge("fleetmonitor_ledger_bytes", "What the ledger takes on its disk.").Value(disk.Bytes);
        metrics.Gauge("fleetmonitor_ledger_checked_ratio", "Share of the ledger's rows that were found as they were written since the start; 1 once all were.")
            .Value(context.Engine.Check.Share);
        metrics.Gauge("fleetmonitor_ledger_check_seconds", "How long that check took, or has taken so far.").Value(context.Engine.Check.Took.TotalSeconds);
        metrics.Gauge("fleetmonitor_ledger_disk_free_bytes", "Room left on that disk.").Value(disk.FreeBytes);
        metrics.Counter("process_cpu_seconds_total", "Processor time used.").Value(Environment.CpuUsage.TotalTime.TotalSeconds);
        metrics.Gauge("process_resident_memory_bytes", "Memory in use.").Value(Environment.WorkingSet);
        metrics.Gauge("process_start_time_seconds", "When the service started, in Unix time.")
            .Value(context.Started.ToUnixTimeMilliseconds() / 1000.0);
        metrics.Gauge("dotnet_heap_bytes", "Managed memory.").Value(GC.GetTotalMemory(forceFullCollection: false));
        metrics.Counter("dotnet_collections_total", "Garbage collections, by generation.");
        for (int generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            metrics.Value(GC.CollectionCount(generation), ("generation", generation.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        using var process = Process.GetCurrentProcess();
        metrics.Gauge("process_open_handles", "Open descriptors.").Value(process.HandleCount);
    }
}
