using System.Text.Json;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Levy;
using FleetMonitor.Service.Books;
using FleetMonitor.Service.Finance;
using FleetMonitor.Service.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetMonitor.Service.Http;

/// <summary><c>/api/v1/levy/periods</c>: each tax period with its state, lines and deadlines; closing it, and what people enter.</summary>
internal static class PeriodEndpoints
{
    private static readonly QueryParameter SiteParameter = new("site", "Only this site.");

    public static void MapPeriods(this IEndpointRouteBuilder routes, Access access)
    {
        routes.MapGet("/levy/periods", ListAsync).WithQuery(SiteParameter)
            .WithSummary("Tax periods, newest first: state, energy, amount, deadlines, estimated share, unrated energy.").WithTags("levy")
            .Produces<PeriodList>();
        routes.MapGet("/levy/periods/{period}", OneAsync).WithQuery(SiteParameter)
            .WithSummary("One tax period of each site: the statement that stands, its amendments, and what is still to be filed.").WithTags("levy")
            .Produces<PeriodDetails>().ProducesProblem(StatusCodes.Status404NotFound);
        routes.MapGet("/levy/periods/{period}/statement", StatementAsync).WithQuery(SiteParameter)
            .WithSummary("The filed statement and each amendment as a difference against it.").WithTags("levy")
            .ProducesProblem(StatusCodes.Status404NotFound);
        routes.MapPost("/levy/periods/{period}/close", CloseAsync).Require(access, Role.Finance).WithQuery()
            .WithSummary("Closes a period, or files an amended return: names the person, returns what was filed and its hash.").WithTags("levy")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        routes.MapPost("/levy/adjustments", AdjustAsync).Require(access, Role.Finance).WithQuery()
            .WithSummary("A manual adjustment of energy or money, with who and why.").WithTags("levy");
        routes.MapPost("/levy/turnover", TurnoverAsync).Require(access, Role.Finance).WithQuery()
            .WithSummary("Turnover for a charge on revenue, with who and why.").WithTags("levy");
    }

    private static async Task<Results<Ok<PeriodList>, ProblemHttpResult>> ListAsync(HttpRequest request, ServiceContext context)
    {
        using BooksView books = await context.OpenBooksAsync();
        var periods = new PeriodBooks(books, Instant.From(context.Time.GetUtcNow()));
        return SitesOf(request, periods) is { } sites
            ? TypedResults.Ok(new PeriodList([.. sites.SelectMany(site => periods.Of(site).Reverse()).Select(PeriodAnswer.Of)]))
            : NoSuchSite(request);
    }

    private static async Task<IResult> OneAsync(string period, HttpRequest request, ServiceContext context)
    {
        if (!TaxPeriod.TryParse(period, out TaxPeriod wanted))
        {
            return NoSuchPeriod(period);
        }

        using BooksView books = await context.OpenBooksAsync();
        var periods = new PeriodBooks(books, Instant.From(context.Time.GetUtcNow()));
        return SitesOf(request, periods) is { } sites
            ? TypedResults.Ok(new PeriodDetails([.. sites.Select(site => PeriodDetail.Of(periods.Of(site, wanted)))]))
            : NoSuchSite(request);
    }

    private static async Task<IResult> StatementAsync(string period, HttpRequest request, ServiceContext context)
    {
        if (!TaxPeriod.TryParse(period, out TaxPeriod wanted))
        {
            return NoSuchPeriod(period);
        }

        using BooksView books = await context.OpenBooksAsync();
        var periods = new PeriodBooks(books, Instant.From(context.Time.GetUtcNow()));
        if (SitesOf(request, periods) is not { } sites)
        {
            return NoSuchSite(request);
        }

        PeriodBook[] filed = [.. sites.Select(site => periods.Of(site, wanted)).Where(book => book.Filed is not null)];
        return filed switch
        {
            [] => TypedResults.Problem(
                $"{wanted} is not closed: nothing was filed. GET /api/v1/levy/periods/{wanted} shows it as it stands.",
                statusCode: StatusCodes.Status404NotFound),
            [var one] => Json(StatusCodes.Status200OK, json => PeriodJson.WriteStatement(json, one)),
            _ => TypedResults.Problem(
                $"{wanted} is closed for {string.Join(", ", filed.Select(book => book.Site.Id))}: add ?site= with one of them.",
                statusCode: StatusCodes.Status400BadRequest),
        };
    }

    private static async Task<IResult> CloseAsync(
        string period, CloseBody body, Bookkeeper bookkeeper, CancellationToken cancellation)
    {
        if (!TaxPeriod.TryParse(period, out TaxPeriod wanted))
        {
            return NoSuchPeriod(period);
        }

        if (body.Site is not { } site)
        {
            return TypedResults.Problem("The body names no site: {\"site\":…,\"by\":…}.", statusCode: StatusCodes.Status400BadRequest);
        }

        CloseResult result = await bookkeeper.CloseAsync(new CloseRequest(site, wanted, body.By ?? string.Empty, body.Force, body.Amend), cancellation);
        return result.Filing is { } filing
            ? Json(StatusCodes.Status200OK, json => PeriodJson.WriteFiling(json, filing))
            : TypedResults.Problem($"Not closed: {result.Why}.", statusCode: StatusOf(result.Refusal!.Value));
    }

    private static Task<IResult> AdjustAsync(AdjustmentBody body, Bookkeeper bookkeeper, CancellationToken cancellation) =>
        EnterAsync(body.ToDraft(bookkeeper.Schedule), bookkeeper, cancellation);

    private static Task<IResult> TurnoverAsync(TurnoverBody body, Bookkeeper bookkeeper, CancellationToken cancellation) =>
        EnterAsync(body.ToDraft(bookkeeper.Schedule), bookkeeper, cancellation);

    private static async Task<IResult> EnterAsync(
        (PostingDraft? Draft, string? Problem) entry, Bookkeeper bookkeeper, CancellationToken cancellation)
    {
        IReadOnlyList<string> problems = entry.Problem is { } problem ? [problem] : [];
        Posting? posting = null;
        if (entry.Draft is { } draft)
        {
            (posting, problems) = await bookkeeper.EnterAsync(draft, cancellation);
        }

        return posting is null
            ? TypedResults.Problem($"Not posted: {string.Join("; ", problems)}.", statusCode: StatusCodes.Status400BadRequest)
            : Json(StatusCodes.Status201Created, json => PeriodJson.WritePosting(json, posting));
    }

    private static int StatusOf(CloseRefusal refusal) => refusal switch
    {
        CloseRefusal.NameMissing => StatusCodes.Status400BadRequest,
        CloseRefusal.UnknownSite => StatusCodes.Status404NotFound,
        _ => StatusCodes.Status409Conflict,
    };

    private static IReadOnlyList<Site>? SitesOf(HttpRequest request, PeriodBooks periods)
    {
        string? named = new QueryReader(request.Query).Text("site");
        Site[] sites = [.. periods.Sites.Where(site => named is null || site.Id == named).OrderBy(site => site.Id, NaturalOrder.Instance)];
        return named is not null && sites.Length == 0 ? null : sites;
    }

    private static ProblemHttpResult NoSuchSite(HttpRequest request) => TypedResults.Problem(
        $"There is no site {request.Query["site"]}. GET /api/v1/fleet lists those there are.", statusCode: StatusCodes.Status404NotFound);

    private static ProblemHttpResult NoSuchPeriod(string period) => TypedResults.Problem(
        $"{period} is no tax period; write a quarter such as 2026-Q4.", statusCode: StatusCodes.Status404NotFound);

    private static IResult Json(int status, Action<Utf8JsonWriter> write)
    {
        using var answer = new MemoryStream();
        using (var json = new Utf8JsonWriter(answer, ApiJson.Writer))
        {
            write(json);
        }

        return TypedResults.Text(answer.ToArray(), "application/json; charset=utf-8", status);
    }
}
