using System.Buffers;
using System.Globalization;
using System.Text.Json;
using FleetMonitor.Anomalies;
using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Http;

namespace FleetMonitor.Service.Alerts;

/// <summary>
/// Prometheus Alertmanager by its API v2 (<c>POST /api/v2/alerts</c>). It holds an alert firing only as long as it is told of it, so what stands is
/// told again and again, each time for a little longer than until the next; what is over is told with its end. What is muted here falls silent.
/// Labels are <c>alertname</c> (the kind), <c>site</c>, <c>device</c>, <c>group</c>, <c>severity</c> and <c>service</c>: the next of its kind is the same alert.
/// </summary>
internal sealed class AlertmanagerAlerts(AlertmanagerSettings settings, Uri page, LedgerFiles files, TimeProvider time) : IAlertOutput, IDisposable
{
    private const int AlertsAtOnce = 500;
    private const int Most = 100_000;

    /// <summary>Three of its messages may be lost before it takes an alert for over.</summary>
    private const int LeaseOfResends = 4;

    private readonly AlertPost _post = new(new Uri(settings.Url.ToString().TrimEnd('/') + "/api/v2/alerts"), time);

    public string Name => "alertmanager";

    public TimeSpan? RefreshEvery => settings.ResendEvery;

    /// <summary>Each alert as it stands now, whatever became of it since the event.</summary>
    public async Task<AlertDelivery> SendAsync(IReadOnlyList<AlertEventRow> events, CancellationToken cancellation)
    {
        var latest = new Dictionary<(string Site, string? Device, string? Group, AnomalyKind Kind, AnomalySeverity Severity), Alert>();
        using (LedgerReader ledger = LedgerReader.Open(files))
        {
            foreach (string id in events.Select(row => row.Event.Anomaly).Distinct(StringComparer.Ordinal))
            {
                if (ledger.Anomaly(id) is { Cause: null } row && AlertRecords.Read(row.Json, id) is var alert && !alert.IsMuted(Now()))
                {
                    latest[(alert.Anomaly.Site, alert.Anomaly.Device, alert.Anomaly.Group, alert.Anomaly.Kind, alert.Anomaly.Severity)] = alert;
                }
            }
        }

        PostAnswer answer = await PostAsync([.. latest.Values], cancellation);
        return answer.Verdict switch
        {
            PostVerdict.Taken => new AlertDelivery(events.Count, null),
            PostVerdict.Refused => new AlertDelivery(events.Count, answer.Reason),
            _ => new AlertDelivery(0, answer.Reason),
        };
    }

    public async Task<string?> RefreshAsync(CancellationToken cancellation)
    {
        Alert[] standing;
        using (LedgerReader ledger = LedgerReader.Open(files))
        {
            standing =
            [
                .. ledger.Anomalies(new AnomalyFilter { Active = true }, null, Most).Select(row => AlertRecords.Read(row.Json, row.Id))
                    .Where(alert => alert.Told && !alert.IsMuted(Now())),
            ];
        }

        PostAnswer answer = await PostAsync(standing, cancellation);
        return answer.Verdict == PostVerdict.Taken ? null : answer.Reason;
    }

    public void Dispose() => _post.Dispose();

    private async Task<PostAnswer> PostAsync(Alert[] alerts, CancellationToken cancellation)
    {
        foreach (Alert[] some in alerts.Chunk(AlertsAtOnce))
        {
            if (await _post.SendAsync(Body(some), [], cancellation) is { Verdict: not PostVerdict.Taken } answer)
            {
                return answer;
            }
        }

        return new PostAnswer(PostVerdict.Taken, string.Empty);
    }

    private byte[] Body(IEnumerable<Alert> alerts)
    {
        Instant until = Now().Plus(LeaseOfResends * settings.ResendEvery);
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, ApiJson.Writer))
        {
            json.WriteStartArray();
            foreach (Alert alert in alerts)
            {
                Write(json, alert.Anomaly, until);
            }

            json.WriteEndArray();
        }

        return bytes.WrittenSpan.ToArray();
    }

    private void Write(Utf8JsonWriter json, Anomaly anomaly, Instant until)
    {
        json.WriteStartObject();
        json.WriteStartObject("labels");
        json.WriteString("alertname", anomaly.Kind.Code());
        json.WriteString("service", "fleetmonitor");
        json.WriteString("severity", anomaly.Severity.Code());
        json.WriteString("site", anomaly.Site);
        if (anomaly.Device is { } device)
        {
            json.WriteString("device", device);
        }

        if (anomaly.Group is { } group)
        {
            json.WriteString("group", group);
        }

        json.WriteEndObject();
        json.WriteStartObject("annotations");
        json.WriteString("summary", anomaly.Text);
        json.WriteString("id", anomaly.Id);
        json.WriteString("kwh_per_day", anomaly.KwhPerDay.ToString(CultureInfo.InvariantCulture));
        if (anomaly.LevyPerDay is { } levy)
        {
            json.WriteString("levy_per_day", levy.ToString(CultureInfo.InvariantCulture));
        }

        foreach (EvidenceItem item in anomaly.Evidence)
        {
            json.WriteString($"evidence_{item.Name}", item.Text ?? item.Number?.ToString(CultureInfo.InvariantCulture));
        }

        json.WriteEndObject();
        json.WriteString("startsAt", anomaly.Raised.ToString());
        json.WriteString("endsAt", (anomaly.Cleared ?? until).ToString());
        json.WriteString("generatorURL", new Uri(page, "#/anomalies").ToString());
        json.WriteEndObject();
    }

    private Instant Now() => Instant.From(time.GetUtcNow());
}
