using System.Text.Json;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Anomalies;

/// <summary>The anomaly object, the same for the API, for MQTT and where it is kept.</summary>
public static class AnomalyJson
{
    public static void Write(Utf8JsonWriter writer, Anomaly anomaly)
    {
        writer.WriteStartObject();
        WriteFields(writer, anomaly);
        writer.WriteEndObject();
    }

    /// <summary>The fields alone, for a writer that adds its own.</summary>
    public static void WriteFields(Utf8JsonWriter writer, Anomaly anomaly)
    {
        writer.WriteString("id", anomaly.Id);
        writer.WriteString("site", anomaly.Site);
        writer.WriteString("device", anomaly.Device);
        if (anomaly.Group is { } group)
        {
            writer.WriteString("group", group);
        }

        writer.WriteString("kind", anomaly.Kind.Code());
        writer.WriteString("severity", anomaly.Severity.Code());
        writer.WriteString("raised", anomaly.Raised.ToString());
        writer.WriteString("cleared", anomaly.Cleared?.ToString());
        writer.WriteNumber("score", anomaly.Score);
        writer.WriteString("text", anomaly.Text);
        writer.WriteStartObject("evidence");
        foreach (EvidenceItem item in anomaly.Evidence)
        {
            if (item.Number is { } number)
            {
                writer.WriteNumber(item.Name, number);
            }
            else
            {
                writer.WriteString(item.Name, item.Text);
            }
        }

        writer.WriteEndObject();
        writer.WriteNumber("kwhPerDay", anomaly.KwhPerDay);
        if (anomaly.LevyPerDay is { } levy)
        {
            writer.WriteNumber("levyPerDay", levy);
        }
        else
        {
            writer.WriteNull("levyPerDay");
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote; false for anything else.</summary>
    public static bool TryRead(JsonElement json, out Anomaly anomaly)
    {
        anomaly = null!;
        try
        {
            if (!AnomalyKindCodes.TryParse(json.GetProperty("kind").GetString() ?? "", out AnomalyKind kind)
                || !AnomalySeverityCodes.TryParse(json.GetProperty("severity").GetString() ?? "", out AnomalySeverity severity))
            {
                return false;
            }

            anomaly = new Anomaly
            {
                Id = json.GetProperty("id").GetString()!,
                Site = json.GetProperty("site").GetString()!,
                Device = json.GetProperty("device").GetString(),
                Group = json.TryGetProperty("group", out JsonElement group) ? group.GetString() : null,
                Kind = kind,
                Severity = severity,
                Raised = Instant.From(json.GetProperty("raised").GetDateTimeOffset()),
                Cleared = json.GetProperty("cleared") is { ValueKind: JsonValueKind.String } cleared
                    ? Instant.From(cleared.GetDateTimeOffset())
                    : null,
                Score = json.GetProperty("score").GetDouble(),
                Text = json.GetProperty("text").GetString()!,
                Evidence = [.. json.GetProperty("evidence").EnumerateObject().Select(ReadItem)],
                KwhPerDay = json.GetProperty("kwhPerDay").GetDecimal(),
                LevyPerDay = json.GetProperty("levyPerDay") is { ValueKind: JsonValueKind.Number } levy ? levy.GetDecimal() : null,
            };
            return anomaly.Id is not null && anomaly.Site is not null;
        }
        catch (Exception e) when (e is KeyNotFoundException or FormatException or InvalidOperationException)
        {
            return false;
        }
    }

    private static EvidenceItem ReadItem(JsonProperty property) => property.Value.ValueKind == JsonValueKind.Number
        ? new EvidenceItem(property.Name, property.Value.GetDecimal(), null)
        : EvidenceItem.Of(property.Name, property.Value.GetString() ?? "");
}
