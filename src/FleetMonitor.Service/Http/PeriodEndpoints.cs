using System.Text.Json;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Service.Books;
using FleetMonitor.Service.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetMonitor.Service.Http;

/// <summary><c>/api/v1/levy/periods</c>: each tax period with its state, lines and deadlines.</summary>
internal static class PeriodEndpoints
{
    private static readonly QueryParameter SiteParameter = new("site", "Only this site.");

    public static void MapPeriods(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/levy/periods", ListAsync).WithQuery(SiteParameter)
            .WithSummary("Tax periods, newest first: state, energy, amount, deadlines, estimated share, unrated energy.").WithTags("levy")
            .Produces<PeriodList>();
        routes.MapGet("/levy/periods/{period}", OneAsync).WithQuery(SiteParameter)
            .WithSummary("One tax period of each site, with the lines of its statement as they stand now.").WithTags("levy")
            .Produces<PeriodDetails>().ProducesProblem(StatusCodes.Status404NotFound);
        routes.MapGet("/levy/periods/{period}/statement", StatementAsync).WithQuery(SiteParameter)
            .WithSummary("The filed statement and each amendment as a difference against it.").WithTags("levy")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Ok<PeriodList>, ProblemHttpResult>> ListAsync(HttpRequest request, ServiceContext context)
    {
        using BooksView books = await context.OpenBooksAsync();
        if (SitesOf(request, books.Fleet) is not { } sites)
        {
            return NoSuchSite(request);
        }

        var now = Instant.From(context.Time.GetUtcNow());
        return TypedResults.Ok(new PeriodList([.. sites.SelectMany(site => Periods.Of(books, site, now)).Select(PeriodAnswer.Of)]));
    }

    private static async Task<IResult> OneAsync(string period, HttpRequest request, ServiceContext context)
    {
        if (!TaxPeriod.TryParse(period, out TaxPeriod wanted))
        {
            return NoSuchPeriod(period);
        }

        using BooksView books = await context.OpenBooksAsync();
        if (SitesOf(request, books.Fleet) is not { } sites)
        {
            return NoSuchSite(request);
        }

        var now = Instant.From(context.Time.GetUtcNow());
        return TypedResults.Ok(new PeriodDetails(
        [
            .. sites.Select(site => Periods.Of(books, site, wanted, now)).Select(now => new PeriodDetail(PeriodAnswer.Of(now), Json(now.Draft))),
        ]));
    }

    private static async Task<IResult> StatementAsync(string period, HttpRequest request, ServiceContext context)
    {
        if (!TaxPeriod.TryParse(period, out TaxPeriod wanted))
        {
            return NoSuchPeriod(period);
        }

        using BooksView books = await context.OpenBooksAsync();
        return SitesOf(request, books.Fleet) is null
            ? NoSuchSite(request)
            : TypedResults.Problem(
                $"{wanted} is not closed: nothing was filed. GET /api/v1/levy/periods/{wanted} shows it as it stands.",
                statusCode: StatusCodes.Status404NotFound);
    }

    private static IReadOnlyList<Site>? SitesOf(HttpRequest request, FleetSnapshot fleet) => new QueryReader(request.Query).Text("site") switch
    {
        null => [.. fleet.Sites.Values.OrderBy(site => site.Id, NaturalOrder.Instance)],
        { } id when fleet.Site(id) is { } site => [site],
        _ => null,
    };

    private static ProblemHttpResult NoSuchSite(HttpRequest request) => TypedResults.Problem(
        $"There is no site {request.Query["site"]}. GET /api/v1/fleet lists those there are.", statusCode: StatusCodes.Status404NotFound);

    private static ProblemHttpResult NoSuchPeriod(string period) => TypedResults.Problem(
        $"{period} is no tax period; write a quarter such as 2026-Q4.", statusCode: StatusCodes.Status404NotFound);

    private static JsonElement Json(Statement statement) => JsonSerializer.Deserialize<JsonElement>(StatementJson.Write(statement));
}

internal sealed record PeriodList(IReadOnlyList<PeriodAnswer> Rows);

internal sealed record PeriodDetails(IReadOnlyList<PeriodDetail> Rows);

/// <param name="Statement">As it would be filed now.</param>
internal sealed record PeriodDetail(PeriodAnswer Period, JsonElement Statement);

/// <param name="State"><c>open</c>, <c>provisional</c> (over, and not closed), <c>closed</c> or <c>amended</c>.</param>
/// <param name="To">The day after the last.</param>
/// <param name="Amount">What would be filed: the sum of rounded lines.</param>
internal sealed record PeriodAnswer(
    string Site,
    string? SiteName,
    string Period,
    string State,
    DateOnly From,
    DateOnly To,
    EnergyAnswer Energy,
    decimal UnratedKwh,
    decimal EstimatedShare,
    decimal Amount,
    string Currency,
    IReadOnlyList<string> Unconfirmed,
    DateOnly? DeclarationDue,
    DateOnly? PaymentDue,
    string? DeadlineRef)
{
    public static PeriodAnswer Of(PeriodNow now) => new(
        now.Site.Id,
        now.Site.Name,
        now.Period.ToString(),
        ApiJson.Code(now.State),
        now.Period.FirstDay,
        now.Period.End,
        EnergyAnswer.Of(now.Draft.Energy),
        now.Draft.UnratedEnergy.Total.KilowattHours,
        now.Draft.EstimatedShare,
        now.Draft.Lines.Where(line => line.Kind == StatementLineKind.Energy).Sum(line => line.Amount?.Amount ?? 0m),
        now.Currency,
        now.Draft.Unconfirmed,
        now.Draft.Deadlines?.Declaration,
        now.Draft.Deadlines?.Payment,
        now.Draft.Deadlines?.LegalRef);
}
