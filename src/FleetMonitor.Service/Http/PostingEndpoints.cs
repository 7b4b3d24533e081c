using System.Text.Json;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Service.Books;
using FleetMonitor.Service.Finance;
using FleetMonitor.Service.Hosting;
using Microsoft.OpenApi;

namespace FleetMonitor.Service.Http;

/// <summary><c>/api/v1/levy/postings</c> and <c>/api/v1/levy/trace</c>: the way down from a statement's line to readings.</summary>
internal static class PostingEndpoints
{
    private const int RowsOnAPage = 1_000;

    public static void MapPostings(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/levy/postings", ListAsync)
            .WithQuery(
                new QueryParameter("site", "Only this site."),
                new QueryParameter("period", "Only energy and amounts of this tax period, such as 2026-Q4."),
                new QueryParameter("device", "Only this device of the site."),
                new QueryParameter(Paging.LimitName, "Postings on a page, up to 100000; 1000 where absent.", JsonSchemaType.Integer),
                new QueryParameter(Paging.AfterName, "What the page before gave as next."))
            .WithSummary("The postings in the order of their chain: number, hash, day of consumption, energy or amount, who and why.")
            .WithTags("levy").ProducesList<PostingsAnswer>(PostingList.Described).ProducesProblem(StatusCodes.Status404NotFound);
        routes.MapGet("/levy/trace", TraceAsync)
            .WithQuery(
                new QueryParameter("site", "The site; may be left out where there is only one."),
                new QueryParameter("device", "The device."),
                new QueryParameter("day", "The local day, such as 2026-11-20."),
                new QueryParameter("readings", "true: list the kept readings of the day too."))
            .WithSummary("What a device-day rests on: books, rate, postings, gaps, events, late and kept readings.").WithTags("levy")
            .Produces<TraceAnswer>().ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListAsync(HttpRequest request, ServiceContext context)
    {
        var query = new QueryReader(request.Query);
        (string? site, string? device) = (query.Text("site"), query.Text("device"));
        TaxPeriod? period = null;
        if (query.Text("period") is { } text)
        {
            period = TaxPeriod.TryParse(text, out TaxPeriod wanted) ? wanted : query.Wrong<TaxPeriod?>("period", "write a quarter such as 2026-Q4");
        }

        int limit = query.Number("limit", RowsOnAPage, 1, PostingList.MostRows);
        int after = query.Number("after", 0, 0, int.MaxValue);
        if (device is not null && site is null)
        {
            query.Wrong("device", "say of which site, with site");
        }

        if (query.Refusal is { } refusal)
        {
            return refusal;
        }

        using BooksView books = await context.OpenBooksAsync();
        if (site is not null && new PeriodBooks(books, Now(context)).Sites.All(known => known.Id != site))
        {
            return PeriodEndpoints.NoSuchSite(site);
        }

        PostingList page = await Task.Run(() => PostingList.Of(books, new PostingFilter(after, site, device, period?.FirstDay, period?.End), limit));
        return new ListAnswer(new Written(page.WriteJson), page.WriteCsv, page.Next);
    }

    private static async Task<IResult> TraceAsync(HttpRequest request, ServiceContext context)
    {
        var query = new QueryReader(request.Query);
        string? device = query.Text("device");
        DateOnly? day = query.Date("day");
        bool readings = query.Flag("readings") ?? false;
        if (device is null)
        {
            query.Wrong("device", "say which");
        }

        if (day is null && query.Text("day") is null)
        {
            query.Wrong("day", "write a date such as 2026-11-20");
        }

        if (query.Refusal is { } refusal)
        {
            return refusal;
        }

        using BooksView books = await context.OpenBooksAsync();
        IReadOnlyList<Site> sites = new PeriodBooks(books, Now(context)).Sites;
        string? named = query.Text("site");
        if ((named is null && sites.Count == 1 ? sites[0] : sites.FirstOrDefault(known => known.Id == named)) is not { } site)
        {
            return PeriodEndpoints.NoSuchSite(named ?? "without a name, where there are several");
        }

        var key = new DeviceKey(site.Id, device!);
        using KeptReadings? kept = await KeptReadings.OfAsync(context, key, DayCalendar.Of(site.TimeZone).StartOf(day!.Value));
        if (kept is null)
        {
            return TypedResults.Problem($"No device {key} has been heard of.", statusCode: StatusCodes.Status404NotFound);
        }

        var trace = new DeviceDayTrace(books, site, key, day.Value, kept.Readings());
        using var answer = new MemoryStream();
        await using (var json = new Utf8JsonWriter(answer, ApiJson.Writer))
        {
            trace.Write(json, readings);
        }

        return TypedResults.Bytes(answer.ToArray(), "application/json; charset=utf-8");
    }

    private static Instant Now(ServiceContext context) => Instant.From(context.Time.GetUtcNow());
}

/// <summary>The shape of what <see cref="PostingList"/> writes, for the description.</summary>
internal sealed record PostingsAnswer(IReadOnlyList<PostingsAnswerRow> Rows, string? Next);

/// <param name="Device">Null where it is of the whole site.</param>
/// <param name="Charge">Which charge an amount or turnover is of; null for energy.</param>
/// <param name="Rate">By which the day is charged now; null for amounts.</param>
/// <param name="Counts"><c>billed</c>, or <c>not-billed</c> where another device already counts the energy; null for amounts.</param>
internal sealed record PostingsAnswerRow(
    long Seq,
    string Kind,
    string Site,
    string? Device,
    DateOnly Day,
    string Period,
    decimal EnergyKwh,
    decimal RegisterKwh,
    decimal IntegratedKwh,
    decimal EstimatedKwh,
    string? Charge,
    decimal? Amount,
    string? Currency,
    string? Reason,
    string? By,
    Instant PostedAt,
    string PrevHash,
    string Hash,
    string? Rate,
    string? Counts);

/// <summary>The shape of what <see cref="DeviceDayTrace"/> writes, for the description.</summary>
/// <param name="Counts"><c>billed</c>, or <c>not-billed</c> where another device already counts the energy.</param>
/// <param name="Readings">How many kept readings the day rests on, the last before it and the first after it among them.</param>
/// <param name="ReadingRows">Those readings; only where they were asked for.</param>
internal sealed record TraceAnswer(
    string Site,
    string Device,
    DateOnly Day,
    string Period,
    Instant From,
    Instant To,
    string Counts,
    string? Tenant,
    string Rate,
    TraceEnergy Books,
    TraceEnergy Posted,
    IReadOnlyList<PostingAnswer> Postings,
    IReadOnlyList<JsonElement> Gaps,
    IReadOnlyList<JsonElement> Events,
    IReadOnlyList<JsonElement> LateReadings,
    IReadOnlyList<JsonElement> SessionGaps,
    IReadOnlyList<JsonElement> Hours,
    int Readings,
    IReadOnlyList<JsonElement>? ReadingRows = null);

internal sealed record TraceEnergy(decimal EnergyKwh, decimal RegisterKwh, decimal IntegratedKwh, decimal EstimatedKwh);
