using System.Globalization;
using System.Text.Json;
using FleetMonitor.Anomalies;
using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Alerts;
using FleetMonitor.Service.Hosting;

namespace FleetMonitor.Service.Http;

/// <summary><c>/api/v1/anomalies</c>: what is wrong, since when, how sure, what shows it, and what became of it.</summary>
internal static class AnomalyEndpoints
{
    private static readonly CsvTable<(AnomalyRecord Row, Alert Alert)> Table = new CsvTable<(AnomalyRecord Row, Alert Alert)>()
        .Text("id", line => line.Row.Id).Text("site", line => line.Row.Site).Text("device", line => line.Row.Device)
        .Text("kind", line => line.Row.Kind).Text("severity", line => line.Row.Severity)
        .Time("raised", line => line.Row.Raised).Time("cleared", line => line.Row.Cleared)
        .Number("score", line => (decimal)line.Alert.Anomaly.Score)
        .Number("kwhPerDay", line => line.Alert.Anomaly.KwhPerDay).Number("levyPerDay", line => line.Alert.Anomaly.LevyPerDay)
        .Text("acknowledgedBy", line => line.Alert.Acknowledged?.By).Time("acknowledgedAt", line => line.Alert.Acknowledged?.At)
        .Time("mutedUntil", line => line.Alert.Muted?.Until).Text("mutedBy", line => line.Alert.Muted?.Act.By)
        .Text("cause", line => line.Row.Cause).Text("group", line => line.Alert.Anomaly.Group).Text("text", line => line.Alert.Anomaly.Text)
        .Text("evidence", line => EvidenceOf(line.Row));

    public static void MapAnomalies(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/anomalies", List)
            .WithQuery(Paging.Parameters(
                new QueryParameter("active", "true: only what has not cleared; false: only what has."),
                new QueryParameter("site", "Only this site."),
                new QueryParameter("device", "Only devices of this id, also where another anomaly stands for theirs."),
                new QueryParameter("kind", $"Only this kind: {string.Join(", ", AnomalyKindCodes.All)}."),
                new QueryParameter("severity", "info, warning or critical."),
                new QueryParameter("acknowledged", "true: only what somebody has acknowledged; false: only what nobody has."),
                new QueryParameter("muted", "true: only what is muted now; false: only what is not."),
                new QueryParameter("cause", "Only those that the anomaly of this id stands for."),
                new QueryParameter("members", "true: also those that another anomaly stands for."),
                new QueryParameter("from", "Raised then or later: RFC 3339, or a date (UTC)."),
                new QueryParameter("to", "Raised before then.")))
            .WithSummary("What is or was wrong, newest first, with the evidence in plain words and numbers.").WithTags("fleet")
            .ProducesList<AnomalyList>(Table.Columns);
        routes.MapGet("/anomalies/{id}", One).WithQuery()
            .WithSummary("One anomaly, and all that became of it, oldest first.").WithTags("fleet")
            .Produces<AnomalyHistory>().ProducesProblem(StatusCodes.Status404NotFound);
    }

    public static IResult NoSuchAnomaly(string id) =>
        TypedResults.Problem($"There is no anomaly \"{id}\".", statusCode: StatusCodes.Status404NotFound);

    private static IResult List(HttpRequest request, ServiceContext context)
    {
        var query = new QueryReader(request.Query);
        string? device = query.Text("device");
        var filter = new AnomalyFilter
        {
            Active = query.Flag("active"),
            Site = query.Text("site"),
            Device = device,
            Kind = query.OneOf("kind", [.. AnomalyKindCodes.All]),
            Severity = query.OneOf("severity", "info", "warning", "critical"),
            Acknowledged = query.Flag("acknowledged"),
            Muted = query.Flag("muted"),
            Cause = query.Text("cause"),
            Members = query.Flag("members") ?? device is not null,
            From = query.Moment("from"),
            To = query.Moment("to"),
            Now = Instant.From(context.Time.GetUtcNow()),
        };
        Paging paging = Paging.Of(query);
        (Instant Raised, string Id)? after = After(query, paging);
        if (query.Refusal is { } refusal)
        {
            return refusal;
        }

        using LedgerReader ledger = LedgerReader.Open(context.Engine.Ledger.Files);
        AnomalyRecord[] rows = [.. ledger.Anomalies(filter, after, paging.Limit + 1)];
        AnomalyRecord[] page = rows[..Math.Min(paging.Limit, rows.Length)];
        string? next = rows.Length > paging.Limit
            ? QueryReader.Cursor(string.Create(CultureInfo.InvariantCulture, $"{page[^1].Raised.UnixMilliseconds}/{page[^1].Id}"))
            : null;
        var answer = new AnomalyList(
            [.. page.Select(row => JsonSerializer.Deserialize<JsonElement>(row.Json))],
            ledger.ActiveAnomalies().ToDictionary(count => count.Key, count => count.Value),
            next);
        return ListAnswers.Of(answer, Table, page.Select(row => (row, AlertRecords.Read(row.Json, row.Id))), next);
    }

    private static (Instant Raised, string Id)? After(QueryReader query, Paging paging)
    {
        if (paging.After?.Split('/', 2) is not { } parts)
        {
            return null;
        }

        if (parts.Length == 2 && long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long raised))
        {
            return (new Instant(raised), parts[1]);
        }

        Paging.NoSuchPlace(query);
        return null;
    }

    private static string EvidenceOf(AnomalyRecord row)
    {
        using JsonDocument json = JsonDocument.Parse(row.Json);
        return json.RootElement.GetProperty("evidence").GetRawText();
    }

    private static IResult One(string id, ServiceContext context)
    {
        using LedgerReader ledger = LedgerReader.Open(context.Engine.Ledger.Files);
        return ledger.Anomaly(id) is not { } anomaly
            ? NoSuchAnomaly(id)
            : TypedResults.Ok(new AnomalyHistory(
                JsonSerializer.Deserialize<JsonElement>(anomaly.Json),
                [.. ledger.AlertEvents(id).Select(row => AnomalyEvent.Of(row.Event))]));
    }
}

/// <param name="Rows">Each as it stands now, or as it was when it cleared.</param>
/// <param name="Active">How many stand for themselves and have not cleared, by severity, whatever the query asked for.</param>
internal sealed record AnomalyList(IReadOnlyList<JsonElement> Rows, IReadOnlyDictionary<string, long> Active, string? Next);

/// <param name="Events">What became of it, oldest first.</param>
internal sealed record AnomalyHistory(JsonElement Anomaly, IReadOnlyList<AnomalyEvent> Events);

/// <param name="Event">raised, updated, cleared, acknowledged, muted or unmuted.</param>
/// <param name="Told">False where it was muted.</param>
/// <param name="By">The person, where one acted.</param>
internal sealed record AnomalyEvent(Instant At, string Event, bool Told, string? By, string? Reason)
{
    public static AnomalyEvent Of(AlertEvent happened) => new(happened.At, happened.Event, happened.Told, happened.By, happened.Reason);
}
