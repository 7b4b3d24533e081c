using System.Globalization;
using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Service.Http;

/// <summary><c>/api/v1/quarantine</c>: input that was refused, by reason.</summary>
internal static class QuarantineEndpoints
{
    private const int Samples = 5;
    private const int PageRows = 100;
    private const int MostRows = 1_000;

    public static void MapQuarantine(this IEndpointRouteBuilder routes) => routes
        .MapGet("/quarantine", Answer)
        .WithQuery(
            new QueryParameter("reason", "All messages of this reason, oldest first, instead of samples of each."),
            new QueryParameter("limit", "With reason: rows on a page, up to 1000; 100 where absent."),
            new QueryParameter("after", "With reason: what the page before gave as next."))
        .WithSummary("Refused input by reason with its newest samples; or all of one reason, page by page.").WithTags("service")
        .Produces<QuarantineAnswer>();

    private static IResult Answer(HttpRequest request, ServiceContext context)
    {
        var query = new QueryReader(request.Query);
        string? reason = query.OneOf("reason", [.. Enum.GetValues<RefusalReason>().Select(known => known.ToCode())]);
        int limit = query.Number("limit", PageRows, 1, MostRows);
        int after = query.Number("after", 0, 0, int.MaxValue);
        if (query.Refusal is { } refusal)
        {
            return refusal;
        }

        using LedgerReader ledger = LedgerReader.Open(context.Engine.Ledger.Files);
        IReadOnlyDictionary<string, long> counts = ledger.QuarantineCounts();
        QuarantineRow[] rows = reason is null ? [] : [.. ledger.Quarantine(reason, after, limit + 1)];
        return TypedResults.Ok(new QuarantineAnswer(
            counts.Values.Sum(),
            [
                .. counts.Where(count => reason is null || count.Key == reason).OrderByDescending(count => count.Value).Select(count =>
                    new QuarantineReason(count.Key, count.Value, reason is null ? [.. ledger.QuarantineSamples(count.Key, Samples).Select(Message)] : null)),
            ],
            reason is null ? null : [.. rows.Take(limit).Select(Message)],
            rows.Length > limit ? rows[limit - 1].Id.ToString(CultureInfo.InvariantCulture) : null));
    }

    private static QuarantineMessage Message(QuarantineRow row)
    {
        string? text = TextOf(row.Entry.Payload.Span);
        return new QuarantineMessage(
            row.Id,
            row.Entry.ReceivedAt,
            row.Entry.Source,
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

/// <param name="Rows">Where one reason was asked for; else null.</param>
internal sealed record QuarantineAnswer(
    long Total, IReadOnlyList<QuarantineReason> Reasons, IReadOnlyList<QuarantineMessage>? Rows, string? Next);

/// <param name="Samples">The newest ones, newest first.</param>
internal sealed record QuarantineReason(string Reason, long Count, IReadOnlyList<QuarantineMessage>? Samples);

/// <param name="Where">The place in the payload.</param>
/// <param name="Payload">Where it is text; <paramref name="PayloadBase64"/> else.</param>
internal sealed record QuarantineMessage(
    long Id, Instant ReceivedAt, string Source, string Where, string Detail, string Topic, string? Payload, string? PayloadBase64);
