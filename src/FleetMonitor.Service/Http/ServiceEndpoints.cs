using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Mqtt.Listener;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Influx;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Service.Sources;

namespace FleetMonitor.Service.Http;

/// <summary><c>/api/v1/service</c>: what the service itself is doing. <c>/api/v1/me</c>: who asks.</summary>
internal static class ServiceEndpoints
{
    public static void MapService(this IEndpointRouteBuilder routes, Access access)
    {
        routes.MapGet("/service", Answer).WithQuery()
            .WithSummary("What the service itself is doing: pipeline, sources, ledger, process.").WithTags("service");
        routes.MapGet("/me", (HttpContext http) => new MeAnswer(Access.Current(http).Name, Access.Name(Access.Current(http).Role), access.IsOpen))
            .WithQuery().WithSummary("What the caller may do.").WithTags("service");
    }

    private static ServiceAnswer Answer(ServiceContext context, IServiceProvider services)
    {
        PipelineCounters counters = context.Engine.Counters;
        using LedgerReader ledger = LedgerReader.Open(context.Engine.Ledger.Files);
        LedgerDisk disk = LedgerDisk.Of(context.Engine.Ledger.Files);
        return new ServiceAnswer(
            typeof(ServiceEndpoints).Assembly.GetName().Version!.ToString(3),
            Instant.From(context.Started),
            Instant.From(context.Time.GetUtcNow()),
            Health.Readiness(context),
            new PipelineAnswer(
                counters.Messages,
                counters.Readings,
                counters.Duplicates,
                counters.Conflicts,
                counters.Late,
                counters.TooLate,
                counters.Retained + counters.NoProfile + counters.NoMeasurement,
                counters.RefusedTotal,
                counters.Acknowledged,
                counters.Commits,
                counters.CommitSeconds,
                counters.LongestCommitSeconds),
            context.Sources.ToArray().OfType<ListenerSource>().Select(source => ListenerAnswer.Of(source.Counters)).FirstOrDefault(),
            services.GetService<OutboxGauge>() is { } gauge ? PointsAnswer.Of(gauge.Status) : null,
            new LedgerAnswer(
                context.Engine.Ledger.Files.Directory,
                disk.Bytes,
                disk.FreeBytes,
                [.. ledger.SessionGaps().Select(gap => new SessionGapAnswer(gap.Source, gap.From, gap.To, gap.Detail))],
                ledger.LateReadings()),
            new ProcessAnswer(
                Environment.CpuUsage.TotalTime.TotalSeconds,
                Environment.ProcessorCount,
                Environment.WorkingSet,
                GC.GetTotalMemory(forceFullCollection: false)));
    }
}

/// <param name="Name">Of the key; null where no keys are set.</param>
/// <param name="Open">True where no keys are set: everything but acting for finance is open.</param>
internal sealed record MeAnswer(string? Name, string Role, bool Open);

internal sealed record ServiceAnswer(
    string Version,
    Instant Started,
    Instant At,
    Readiness Readiness,
    PipelineAnswer Pipeline,
    ListenerAnswer? Listener,
    PointsAnswer? Points,
    LedgerAnswer Ledger,
    ProcessAnswer Process);

/// <summary>Counts since the service started.</summary>
/// <param name="Skipped">Retained, of no profile, or measuring nothing.</param>
internal sealed record PipelineAnswer(
    long Messages,
    long Readings,
    long Duplicates,
    long Conflicts,
    long Late,
    long TooLate,
    long Skipped,
    long Refused,
    long Acknowledged,
    long Commits,
    double CommitSeconds,
    double LongestCommitSeconds);

internal sealed record ListenerAnswer(int Connections, long Accepted, long Received, long Delivered, long Dropped, long Refused)
{
    public static ListenerAnswer Of(MqttListenerSnapshot counters) => new(
        counters.Connections, counters.Accepted, counters.Received, counters.Delivered, counters.Dropped, counters.Refusals.Sum(refusal => refusal.Count));
}

/// <summary>The way to the time-series store; absent where none is set.</summary>
/// <param name="LagS">Age of the oldest point that waits.</param>
internal sealed record PointsAnswer(string State, double LagS, long WaitingBytes, long Sent, long Rejected, long Dropped, string? Problem)
{
    public static PointsAnswer Of(InfluxStatus status) => new(
        ApiJson.Code(status.State), status.Lag.TotalSeconds, status.Bytes, status.Sent, status.Rejected, status.Dropped, status.Problem);
}

/// <param name="FreeBytes">Room left on the ledger's disk.</param>
/// <param name="SessionGaps">Times in which a broker may have dropped messages.</param>
internal sealed record LedgerAnswer(string Directory, long Bytes, long FreeBytes, IReadOnlyList<SessionGapAnswer> SessionGaps, long LateReadings);

internal sealed record SessionGapAnswer(string Source, Instant From, Instant To, string Detail);

internal sealed record ProcessAnswer(double CpuSeconds, int Processors, long ResidentBytes, long HeapBytes);
