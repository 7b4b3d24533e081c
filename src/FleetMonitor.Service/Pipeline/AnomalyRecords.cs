using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using FleetMonitor.Anomalies;
using FleetMonitor.Ledger;

namespace FleetMonitor.Service.Pipeline;

/// <summary>Anomalies on their way into the ledger and out to the alert topic.</summary>
internal static class AnomalyRecords
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static AnomalyRecord Of(Anomaly anomaly) => new(
        anomaly.Id,
        anomaly.Site,
        anomaly.Device ?? string.Empty,
        anomaly.Kind.Code(),
        anomaly.Severity.Code(),
        anomaly.Raised,
        anomaly.Cleared,
        Encoding.UTF8.GetString(Json(anomaly)));

    public static byte[] Json(Anomaly anomaly)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            AnomalyJson.Write(json, anomaly);
        }

        return bytes.WrittenSpan.ToArray();
    }
}
