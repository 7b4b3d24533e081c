using FleetMonitor.Ledger;
using FleetMonitor.Levy;
using FleetMonitor.Service.Finance;
using FleetMonitor.Service.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetMonitor.Service.Http;

/// <summary>What finance does to the books: closing a period, correcting it, entering turnover. Always with a key of the role finance.</summary>
internal static class FinanceEndpoints
{
    public static void MapFinance(this IEndpointRouteBuilder routes, Access access)
    {
        RouteGroupBuilder finance = routes.MapGroup("/levy").Require(access, Role.Finance).WithTags("levy");
        finance.MapPost("/periods/{period}/close", CloseAsync).WithQuery(new QueryParameter("site", "The site, where the body does not name it."))
            .WithSummary("Closes a period, or files what differs since as an amended return; answers what was filed, with its hash.")
            .Produces<FilingAnswer>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        finance.MapPost("/adjustments", (AdjustmentBody body, Bookkeeper bookkeeper, HttpContext http) =>
                EnterAsync(body.ToDraft(bookkeeper.Schedule), bookkeeper, http))
            .WithQuery().WithSummary("Posts a correction of energy or of an amount, with its reason, under a person's name.").Produces<PostingAnswer>();
        finance.MapPost("/turnover", (TurnoverBody body, Bookkeeper bookkeeper, HttpContext http) =>
                EnterAsync(body.ToDraft(bookkeeper.Schedule), bookkeeper, http))
            .WithQuery().WithSummary("Posts turnover for a charge on revenue, under a person's name.").Produces<PostingAnswer>();
    }

    private static async Task<IResult> CloseAsync(string period, CloseBody body, Bookkeeper bookkeeper, ServiceContext context, HttpContext http)
    {
        if (!TaxPeriod.TryParse(period, out TaxPeriod wanted))
        {
            return PeriodEndpoints.NoSuchPeriod(period);
        }

        if ((body.Site ?? new QueryReader(http.Request.Query).Text("site") ?? OnlySite(context)) is not { } wantedSite)
        {
            return Refused("There are several sites: say which, as \"site\".");
        }

        CloseResult result = await bookkeeper.CloseAsync(
            new CloseRequest(wantedSite, wanted, body.By ?? string.Empty, body.Force, body.Amend, body.DryRun), http.RequestAborted);
        return result.Filing is { } filing
            ? new Written(json => PeriodJson.WriteFiling(json, filing, result.Warnings, body.DryRun))
            : TypedResults.Problem(
                $"Not closed: {result.Why}.",
                statusCode: result.Refusal switch
                {
                    CloseRefusal.UnknownSite => StatusCodes.Status404NotFound,
                    CloseRefusal.NameMissing or CloseRefusal.NameUnfit => StatusCodes.Status400BadRequest,
                    _ => StatusCodes.Status409Conflict,
                },
                extensions: new Dictionary<string, object?> { ["refusal"] = ApiJson.Code(result.Refusal!.Value) });
    }

    private static async Task<IResult> EnterAsync((PostingDraft? Draft, string? Problem) entry, Bookkeeper bookkeeper, HttpContext http)
    {
        if (entry.Draft is null)
        {
            return Refused($"Not posted: {entry.Problem}.");
        }

        (Posting? posting, IReadOnlyList<string> problems) = await bookkeeper.EnterAsync(entry.Draft, http.RequestAborted);
        return posting is null
            ? Refused($"Not posted: {string.Join("; ", problems)}.")
            : new Written(json => PeriodJson.WritePosting(json, posting));
    }

    private static string? OnlySite(ServiceContext context) =>
        context.Engine.Fleet.Current.Sites is { Count: 1 } sites ? sites.Keys.Single() : null;

    private static ProblemHttpResult Refused(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status400BadRequest);
}
