using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Service.Sources;

namespace FleetMonitor.Service.Http;

/// <summary><c>/healthz</c>: the process lives. <c>/readyz</c>: readings can come in and become durable.</summary>
internal static class Health
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void MapHealth(this IEndpointRouteBuilder routes, ServiceContext context)
    {
        routes.MapMethods("/healthz", Methods, () => TypedResults.Text("ok\n"))
            .WithSummary("Whether the process lives.").WithTags("health").Produces<string>(StatusCodes.Status200OK, "text/plain");
        routes.MapMethods("/readyz", Methods, () => Answer(Readiness(context)))
            .WithSummary("Whether readings can come in and become durable.").WithTags("health")
            .Produces<Readiness>().Produces<Readiness>(StatusCodes.Status503ServiceUnavailable);
    }

    public static Readiness Readiness(ServiceContext context)
    {
        SourceStatus[] sources = [.. context.Sources.ToArray().Select(source => source.Status)];
        List<string> reasons = [];
        if (Problem(context.Engine.Loop.Health) is { } problem)
        {
            reasons.Add(problem);
        }

        reasons.AddRange(sources.Where(source => !source.Connected).Select(source => $"{source.Name}: {source.Detail}"));
        if (sources.Length == 0)
        {
            reasons.Add("No source of readings is set: enable Mqtt:Listener or set Mqtt:Subscriber:Brokers.");
        }

        return new Readiness(
            reasons.Count == 0, Name(context.Engine.Loop.Health), ApiJson.Code(context.Engine.Check.State), reasons, sources);
    }

    private static IResult Answer(Readiness readiness) => TypedResults.Json(
        readiness, statusCode: readiness.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);

    private static string? Problem(PipelineHealth health) => health switch
    {
        PipelineHealth.Running => null,
        PipelineHealth.DiskFull => "The disk is full: readings wait at their source until there is room.",
        PipelineHealth.Failed => "The ledger failed: the service is stopping.",
        _ => "The pipeline does not run.",
    };

    private static string Name(PipelineHealth health) => health switch
    {
        PipelineHealth.Running => "running",
        PipelineHealth.DiskFull => "disk-full",
        PipelineHealth.Failed => "failed",
        _ => "stopped",
    };
}

/// <param name="LedgerCheck">Whether all rows were found as they were written since the start: running, sound or damaged.</param>
internal sealed record Readiness(
    bool Ready, string Pipeline, string LedgerCheck, IReadOnlyList<string> Reasons, IReadOnlyList<SourceStatus> Sources);
