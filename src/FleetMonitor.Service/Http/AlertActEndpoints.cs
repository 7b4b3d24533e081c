using System.Text.Json;
using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Alerts;
using FleetMonitor.Service.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetMonitor.Service.Http;

/// <summary>What people do about alerts. Every act is kept for good, with the person's name, and answers the anomaly as it then is.</summary>
internal static class AlertActEndpoints
{
    /// <summary>A mute is for a repair, not for ever.</summary>
    private static readonly TimeSpan LongestMute = TimeSpan.FromDays(366);

    public static void MapAlertActs(this IEndpointRouteBuilder routes, Access access)
    {
        RouteGroupBuilder acts = routes.MapGroup("/anomalies/{id}").Require(access, Role.Operator).WithTags("fleet");
        Map(acts, "acknowledge", "Somebody is on it.", (id, _, act) => (book, changes) => book.Acknowledge(id, act, changes));
        Map(acts, "mute", "Nobody is told of it before \"until\"; told then if it still stands.", (id, body, act) =>
            (book, changes) => book.Mute(id, body.Until!.Value, act, changes));
        Map(acts, "unmute", "It is told again.", (id, _, act) => (book, changes) => book.Unmute(id, act, changes));
        Map(acts, "clear", "It is over, says a person, and with it all that it stands for; each is raised again only after it was well in between.", (id, _, act) =>
            (book, changes) => book.Clear(id, act, changes));
    }

    private static void Map(
        RouteGroupBuilder acts, string name, string summary, Func<string, AlertActBody, AlertAct, Func<AlertBook, List<AlertChange>, Alert?>> doing) =>
        acts.MapPost($"/{name}", (string id, AlertActBody body, ServiceContext context, HttpContext http) =>
                ActAsync(id, body, name == "mute", context, http, act => doing(id, body, act)))
            .WithQuery().WithSummary(summary).Produces<JsonElement>()
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<IResult> ActAsync(
        string id, AlertActBody body, bool mute, ServiceContext context, HttpContext http, Func<AlertAct, Func<AlertBook, List<AlertChange>, Alert?>> doing)
    {
        var now = Instant.From(context.Time.GetUtcNow());
        string? by = string.IsNullOrWhiteSpace(body.By) ? Access.Current(http).Name : body.By.Trim();
        if (by is null)
        {
            return Refused("Say who acts, as \"by\".");
        }

        if (mute && (body.Until is not { } until || until <= now || until > now.Plus(LongestMute)))
        {
            return Refused("Say how long, as \"until\": a time ahead, such as \"2026-11-22T08:00:00Z\", within a year.");
        }

        var act = new AlertAct(by, now, string.IsNullOrWhiteSpace(body.Reason) ? null : body.Reason.Trim());
        Alert? alert = await context.AskAsync(decider => decider.Alerts.Act(doing(act)));
        if (alert is not null)
        {
            return new Written(json => AlertJson.Write(json, alert));
        }

        using LedgerReader ledger = LedgerReader.Open(context.Engine.Ledger.Files);
        return ledger.Anomaly(id) is { Cleared: { } cleared }
            ? TypedResults.Problem($"It is over since {cleared}.", statusCode: StatusCodes.Status409Conflict)
            : AnomalyEndpoints.NoSuchAnomaly(id);
    }

    private static ProblemHttpResult Refused(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status400BadRequest);
}

/// <param name="By">The person; where absent, the name of the key.</param>
/// <param name="Until">For a mute.</param>
internal sealed record AlertActBody(string? By = null, string? Reason = null, Instant? Until = null);
