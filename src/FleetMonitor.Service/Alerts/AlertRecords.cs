using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FleetMonitor.Anomalies;
using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;

namespace FleetMonitor.Service.Alerts;

/// <summary>Alerts on their way into the ledger and back.</summary>
internal static class AlertRecords
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static AnomalyRecord Of(Alert alert, string json) => new(
        alert.Anomaly.Id,
        alert.Anomaly.Site,
        alert.Anomaly.Device ?? string.Empty,
        alert.Anomaly.Kind.Code(),
        alert.Anomaly.Severity.Code(),
        alert.Anomaly.Raised,
        alert.Anomaly.Cleared,
        alert.Cause,
        json);

    public static AlertEvent EventOf(in AlertChange change, string json) => new(
        change.At, change.Alert.Anomaly.Id, CodeOf(change.Step), change.Tell, change.Act?.By, change.Act?.Reason, json);

    public static string CodeOf(AlertStep step) => JsonNamingPolicy.KebabCaseLower.ConvertName(step.ToString());

    public static string Json(Alert alert)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            AlertJson.Write(json, alert);
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <exception cref="LedgerCorruptException">It is not what this program, or one before it, wrote.</exception>
    public static Alert Read(string json, string id)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            if (AlertJson.TryRead(document.RootElement, out Alert alert))
            {
                return alert;
            }
        }
        catch (JsonException)
        {
            // Like what is JSON and no alert.
        }

        throw new LedgerCorruptException($"anomaly {id} is not what was written");
    }
}
