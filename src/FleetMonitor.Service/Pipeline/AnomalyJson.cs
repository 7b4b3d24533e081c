using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FleetMonitor.Anomalies;
using FleetMonitor.Ledger;

namespace FleetMonitor.Service.Pipeline;

/// <summary>The one JSON shape of an anomaly, for the API, the alert topic and the ledger.</summary>
internal static class AnomalyJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static AnomalyRecord Record(Anomaly anomaly) => new(
        anomaly.Id,
        anomaly.Site,
        anomaly.Device ?? string.Empty,
        anomaly.Kind.Code(),
        anomaly.Severity.Code(),
        anomaly.Raised,
        anomaly.Cleared,
        Encoding.UTF8.GetString(Write(anomaly)));

    public static byte[] Write(Anomaly anomaly)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteString("id", anomaly.Id);
            json.WriteString("site", anomaly.Site);
            json.WriteString("device", anomaly.Device);
            json.WriteString("kind", anomaly.Kind.Code());
            json.WriteString("severity", anomaly.Severity.Code());
            json.WriteString("raised", anomaly.Raised.ToString());
            json.WriteString("cleared", anomaly.Cleared?.ToString());
            json.WriteNumber("score", Math.Round(anomaly.Score, 4));
            json.WriteString("text", anomaly.Text);
            json.WriteStartObject("evidence");
            foreach (EvidenceItem item in anomaly.Evidence)
            {
                if (item.Number is { } number)
                {
                    json.WriteNumber(item.Name, number);
                }
                else
                {
                    json.WriteString(item.Name, item.Text);
                }
            }

            json.WriteEndObject();
            json.WriteNumber("kwhPerDay", anomaly.KwhPerDay);
            if (anomaly.LevyPerDay is { } levy)
            {
                json.WriteNumber("levyPerDay", levy);
            }
            else
            {
                json.WriteNull("levyPerDay");
            }

            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }
}
