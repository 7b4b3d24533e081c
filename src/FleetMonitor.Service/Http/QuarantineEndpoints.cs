using System.Globalization;
using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Service.Http;

/// <summary><c>/api/v1/quarantine</c>: input that was refused, by reason.</summary>
internal static class QuarantineEndpoints
{
    private const int Samples = 5;
    private const int SampleBytes = 64 << 10;

    /// <summary>Of topics and payloads on a page: a thousand of the largest messages would be gigabytes, once escaped.</summary>
    private const int PageBytes = 4 << 20;

    private static readonly string[] Reasons = [.. Enum.GetValues<RefusalReason>().Select(known => known.ToCode())];

    private static readonly CsvTable<QuarantineMessage> Table = new CsvTable<QuarantineMessage>()
        .Number("id", row => row.Id).Time("receivedAt", row => row.ReceivedAt).Text("source", row => row.Source).Text("reason", row => row.Reason)
        .Text("where", row => row.Where).Text("detail", row => row.Detail).Text("topic", row => row.Topic)
        .Text("payload", row => row.Payload).Text("payloadBase64", row => row.PayloadBase64);

    public static void MapQuarantine(this IEndpointRouteBuilder routes, Access access)
    {
        routes.MapGet("/quarantine", Answer)
            .WithQuery(Paging.Parameters(new QueryParameter("reason", "Only messages of this reason.")))
            .WithSummary("Refused input by reason with its newest samples, and all of it, oldest first, page by page; large ones make a page shorter.").WithTags("service")
            .ProducesList<QuarantineAnswer>(Table.Columns);
        routes.MapPost("/quarantine/retry", RetryAsync).Require(access, Role.Operator).WithQuery()
            .WithSummary("Feeds refused messages in again, after the fleet file or a profile was put right.").WithTags("service")
            .Produces<RetryAnswer>();
    }

    private static async Task<IResult> RetryAsync(RetryBody body, ServiceContext context, HttpContext http) =>
        body.Reason is not null && !Reasons.Contains(body.Reason)
            ? TypedResults.Problem($"There is no reason {body.Reason}: write one of {string.Join(", ", Reasons)}.", statusCode: StatusCodes.Status400BadRequest)
            : TypedResults.Ok(await QuarantineRetry.RunAsync(
                context.Engine.Loop, context.Engine.Ledger.Files, body.Reason, http.RequestAborted));

    private static IResult Answer(HttpRequest request, ServiceContext context)
    {
        var query = new QueryReader(request.Query);
        string? reason = query.OneOf("reason", Reasons);
        Paging paging = Paging.Of(query);
        long after = 0;
        if (paging.After is not null && !long.TryParse(paging.After, NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            Paging.NoSuchPlace(query);
        }

        if (query.Refusal is { } refusal)
        {
            return refusal;
        }

        using LedgerReader ledger = LedgerReader.Open(context.Engine.Ledger.Files);
        IReadOnlyDictionary<string, long> counts = ledger.QuarantineCounts();
        (IReadOnlyList<QuarantineRow> rows, bool more) = ledger.QuarantinePage(reason, after, paging.Limit, PageBytes);
        QuarantineMessage[] page = [.. rows.Select(Message)];
        string? next = more ? QueryReader.Cursor(page[^1].Id.ToString(CultureInfo.InvariantCulture)) : null;
        var answer = new QuarantineAnswer(
            counts.Values.Sum(),
            [
                .. counts.Where(count => reason is null || count.Key == reason).OrderByDescending(count => count.Value).Select(count =>
                    new QuarantineReason(count.Key, count.Value, [.. ledger.QuarantineSamples(count.Key, Samples, SampleBytes).Select(Message)])),
            ],
            page,
            next);
        return ListAnswers.Of(answer, Table, page, next);
    }

    private static QuarantineMessage Message(QuarantineRow row)
    {
        string? text = TextOf(row.Entry.Payload.Span);
        return new QuarantineMessage(
            row.Id,
            row.Entry.ReceivedAt,
            row.Entry.Source,
            row.Entry.Reason,
            row.Entry.Where,
            row.Entry.Detail,
            TextOf(row.Entry.Topic.Span) ?? Convert.ToHexStringLower(row.Entry.Topic.Span),
            text,
            text is null ? Convert.ToBase64String(row.Entry.Payload.Span) : null);
    }

    private static string? TextOf(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}

/// <param name="Total">All there is, of whatever reason.</param>
/// <param name="Rows">A page of it, oldest first.</param>
internal sealed record QuarantineAnswer(
    long Total, IReadOnlyList<QuarantineReason> Reasons, IReadOnlyList<QuarantineMessage> Rows, string? Next);

/// <param name="Samples">The newest ones, newest first.</param>
internal sealed record QuarantineReason(string Reason, long Count, IReadOnlyList<QuarantineMessage> Samples);

/// <param name="Where">The place in the payload.</param>
/// <param name="Payload">Where it is text; <paramref name="PayloadBase64"/> else.</param>
internal sealed record QuarantineMessage(
    long Id, Instant ReceivedAt, string Source, string Reason, string Where, string Detail, string Topic, string? Payload, string? PayloadBase64);
