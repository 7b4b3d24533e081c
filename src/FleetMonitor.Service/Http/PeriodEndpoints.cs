using System.Text.Json;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Service.Books;
using FleetMonitor.Service.Finance;
using FleetMonitor.Service.Hosting;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace FleetMonitor.Service.Http;

/// <summary><c>/api/v1/levy/periods</c>: each tax period with its state, lines and deadlines, as the commands of finance print it.</summary>
internal static class PeriodEndpoints
{
    private static readonly CsvTable<PeriodBook> Table = new CsvTable<PeriodBook>()
        .Text("site", row => row.Site.Id).Text("period", row => row.Period.ToString()).Text("state", row => ApiJson.Code(row.State))
        .Day("from", row => row.Period.FirstDay).Day("to", row => row.Period.End).Text("hash", row => row.Filed?.Filing.Hash)
        .Part(EnergyAnswer.Table, row => EnergyAnswer.Of(row.Statement.Energy))
        .Number("unratedKwh", row => row.Statement.UnratedEnergy.Total.KilowattHours)
        .Number("estimatedShare", row => row.Statement.EstimatedShare)
        .Number("amount", row => PeriodBook.ToPay(row.Statement, row.Levy).Amount).Text("currency", row => row.Levy.Currency)
        .Text("unconfirmed", row => string.Join(' ', row.Statement.Unconfirmed)).Number("gaps", row => row.Statement.Gaps.Count)
        .Day("declaration", row => row.Statement.Deadlines?.Declaration).Day("payment", row => row.Statement.Deadlines?.Payment)
        .Text("closedBy", row => row.Statement.Closing?.By).Time("closedAt", row => row.Statement.Closing?.At);

    private static readonly string[] ExportTypes =
        [.. Enum.GetValues<ExportFormat>().Select(format => MediaTypeHeaderValue.Parse(StatementExport.ContentType(format)).MediaType.Value!)];

    private static readonly QueryParameter OneSite = new("site", "The site; may be left out where there is only one.");

    public static void MapPeriods(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/levy/periods", ListAsync).WithQuery(Paging.Parameters(new QueryParameter("site", "Only this site.")))
            .WithSummary("Tax periods: open, provisional, closed or amended, with energy, amounts, deadlines, estimated and unrated energy.")
            .WithTags("levy").ProducesList<PeriodList>(Table.Columns).ProducesProblem(StatusCodes.Status404NotFound);
        routes.MapGet("/levy/periods/{period}", (string period, HttpRequest request, ServiceContext context) =>
                OneAsync(period, request, context, (periods, book) => AnswerOf(periods, book, context, PeriodJson.Write)))
            .WithQuery(OneSite)
            .WithSummary("One tax period: its state, its lines, filed or as they stand, and what differs from what was filed.").WithTags("levy")
            .ProducesList<PeriodAnswer>("the columns of an export of its lines").ProducesProblem(StatusCodes.Status404NotFound);
        routes.MapGet("/levy/periods/{period}/statement", (string period, HttpRequest request, ServiceContext context) =>
                OneAsync(period, request, context, (periods, book) => AnswerOf(periods, book, context, PeriodJson.WriteStatement)))
            .WithQuery(OneSite)
            .WithSummary("The filed statement with its hash, or a draft without one, and each amendment as a difference against it.").WithTags("levy")
            .ProducesList<StatementAnswer>("the columns of an export of its lines").ProducesProblem(StatusCodes.Status404NotFound);
        routes.MapGet("/levy/periods/{period}/export", ExportAsync)
            .WithQuery(
                OneSite,
                new QueryParameter("format", "csv, json, xlsx or html; csv where absent."),
                new QueryParameter("table", "What a CSV file holds: lines (where absent), summary, decisions, facts, gaps, register or journal."),
                new QueryParameter("by", "Full name of the person responsible for the register; without it, who closed the period."))
            .WithSummary("A period's statement, tax register or journal lines as a file.").WithTags("levy")
            .Produces<Stream>(StatusCodes.Status200OK, ExportTypes[0], ExportTypes[1..]).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListAsync(HttpRequest request, ServiceContext context)
    {
        var query = new QueryReader(request.Query);
        string? site = query.Text("site");
        Paging paging = Paging.Of(query);
        if (query.Refusal is { } refusal)
        {
            return refusal;
        }

        using BooksView books = await context.OpenBooksAsync();
        var periods = new PeriodBooks(books, Now(context));
        if (site is not null && periods.Sites.All(known => known.Id != site))
        {
            return NoSuchSite(site);
        }

        PeriodBook[] rows = [.. periods.Sites.Where(known => site is null || known.Id == site).SelectMany(periods.Of)];
        return paging.Page(query, rows, row => $"{row.Site.Id}/{row.Period}") is not { } page
            ? query.Refusal!
            : new ListAnswer(
                new Written(json => PeriodJson.WriteList(json, page.Rows, page.Next)), csv => Table.Write(csv, page.Rows), page.Next);
    }

    /// <summary>As CSV: what an export of the lines gives.</summary>
    private static ListAnswer AnswerOf(PeriodBooks periods, PeriodBook book, ServiceContext context, Action<Utf8JsonWriter, PeriodBook> write) => new(
        new Written(json => write(json, book)),
        csv => ExportOf(periods, book, responsible: null, context).WriteCsv(csv, ExportTable.Lines),
        next: null);

    private static StatementExport ExportOf(PeriodBooks periods, PeriodBook book, string? responsible, ServiceContext context) =>
        new(periods, book, responsible, context.Settings.Levy.AccountsOf);

    private static Task<IResult> ExportAsync(string period, HttpRequest request, ServiceContext context)
    {
        var query = new QueryReader(request.Query);
        string format = query.OneOf("format", "csv", "json", "xlsx", "html") ?? "csv";
        string table = query.OneOf("table", "lines", "summary", "decisions", "facts", "gaps", "register", "journal") ?? "lines";
        return query.Refusal is { } refusal ? Task.FromResult<IResult>(refusal) : OneAsync(period, request, context, (periods, book) =>
        {
            var wanted = Enum.Parse<ExportFormat>(format, ignoreCase: true);
            using var bytes = new MemoryStream();
            ExportOf(periods, book, query.Text("by"), context).Write(bytes, wanted, Enum.Parse<ExportTable>(table, ignoreCase: true));
            return TypedResults.File(bytes.ToArray(), StatementExport.ContentType(wanted), $"{book.Site.Id}-{book.Period}-{table}.{format}");
        });
    }

    private static async Task<IResult> OneAsync(
        string period, HttpRequest request, ServiceContext context, Func<PeriodBooks, PeriodBook, IResult> answer)
    {
        if (!TaxPeriod.TryParse(period, out TaxPeriod wanted))
        {
            return NoSuchPeriod(period);
        }

        using BooksView books = await context.OpenBooksAsync();
        var periods = new PeriodBooks(books, Now(context));
        var query = new QueryReader(request.Query);
        string? site = query.Text("site");
        if (site is null && periods.Sites.Count > 1)
        {
            query.Wrong("site", $"say which: {string.Join(", ", periods.Sites.Select(known => known.Id))}");
            return query.Refusal!;
        }

        return periods.Sites.FirstOrDefault(known => site is null || known.Id == site) is { } one
            ? answer(periods, periods.Of(one, wanted))
            : NoSuchSite(site ?? "yet");
    }

    public static ProblemHttpResult NoSuchSite(string site) => TypedResults.Problem(
        $"There is no site {site}. GET /api/v1/fleet lists those there are.", statusCode: StatusCodes.Status404NotFound);

    /// <summary>For an address whose last part is no period.</summary>
    public static ProblemHttpResult NoSuchPeriod(string period) => TypedResults.Problem(
        $"{period} is no tax period; write a quarter such as 2026-Q4.", statusCode: StatusCodes.Status404NotFound);

    private static Instant Now(ServiceContext context) => Instant.From(context.Time.GetUtcNow());
}

/// <summary>An answer that is written by hand, in the one shape that the commands print too.</summary>
internal sealed class Written(Action<Utf8JsonWriter> write) : IResult
{
    public async Task ExecuteAsync(HttpContext http)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        await using (var json = new Utf8JsonWriter(http.Response.BodyWriter, ApiJson.Writer))
        {
            write(json);
        }

        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }
}
