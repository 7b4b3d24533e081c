using System.Text.Json;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Anomalies.Alerts;

/// <summary>An alert as it is kept, published and shown: the anomaly's fields and, after them, what became of it.</summary>
public static class AlertJson
{
    public static void Write(Utf8JsonWriter writer, Alert alert)
    {
        writer.WriteStartObject();
        AnomalyJson.WriteFields(writer, alert.Anomaly);
        writer.WriteString("cause", alert.Cause);
        WriteAct(writer, "acknowledged", null, alert.Acknowledged);
        WriteAct(writer, "muted", alert.Muted?.Until, alert.Muted?.Act);
        writer.WriteBoolean("told", alert.Told);
        writer.WriteString("taken", alert.Taken.ToString());
        if (alert.LeftOver is { } leftOver)
        {
            writer.WriteString("leftOver", leftOver.ToString());
        }

        writer.WriteEndObject();
    }

    /// <summary>
    /// Reads what <see cref="Write"/> wrote, or an anomaly alone, which was told as soon as it was raised; false for anything else.
    /// </summary>
    public static bool TryRead(JsonElement json, out Alert alert)
    {
        alert = null!;
        if (!AnomalyJson.TryRead(json, out Anomaly anomaly))
        {
            return false;
        }

        try
        {
            alert = new Alert(anomaly)
            {
                Taken = json.TryGetProperty("taken", out JsonElement taken) ? Instant.From(taken.GetDateTimeOffset()) : anomaly.Raised,
                LeftOver = json.TryGetProperty("leftOver", out JsonElement leftOver) ? Instant.From(leftOver.GetDateTimeOffset()) : null,
                Told = !json.TryGetProperty("told", out JsonElement told) || told.GetBoolean(),
                Cause = json.TryGetProperty("cause", out JsonElement cause) ? cause.GetString() : null,
                Acknowledged = ReadAct(json, "acknowledged", out _),
                Muted = ReadAct(json, "muted", out Instant until) is { } act ? new AlertMute(until, act) : null,
            };
            return true;
        }
        catch (Exception e) when (e is KeyNotFoundException or FormatException or InvalidOperationException)
        {
            return false;
        }
    }

    private static void WriteAct(Utf8JsonWriter writer, string name, Instant? until, AlertAct? act)
    {
        if (act is null)
        {
            writer.WriteNull(name);
            return;
        }

        writer.WriteStartObject(name);
        if (until is { } end)
        {
            writer.WriteString("until", end.ToString());
        }

        writer.WriteString("by", act.By);
        writer.WriteString("at", act.At.ToString());
        writer.WriteString("reason", act.Reason);
        writer.WriteEndObject();
    }

    private static AlertAct? ReadAct(JsonElement json, string name, out Instant until)
    {
        until = default;
        if (!json.TryGetProperty(name, out JsonElement act) || act.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        until = act.TryGetProperty("until", out JsonElement end) ? Instant.From(end.GetDateTimeOffset()) : default;
        return new AlertAct(
            act.GetProperty("by").GetString()!, Instant.From(act.GetProperty("at").GetDateTimeOffset()), act.GetProperty("reason").GetString());
    }
}
