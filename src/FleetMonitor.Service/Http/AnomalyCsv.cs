using System.Globalization;
using System.Text.Json;
using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Ledger;
using FleetMonitor.Levy;
using FleetMonitor.Service.Alerts;

namespace FleetMonitor.Service.Http;

/// <summary>Anomalies as a table for a spreadsheet, a line each.</summary>
internal static class AnomalyCsv
{
    private static readonly string[] Columns =
    [
        "id", "site", "device", "kind", "severity", "raised", "cleared", "score", "kwhPerDay", "levyPerDay", "acknowledgedBy",
        "acknowledgedAt", "mutedUntil", "mutedBy", "cause", "group", "text", "evidence",
    ];

    public static string Of(IEnumerable<AnomalyRecord> rows)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        var csv = new CsvWriter(text);
        foreach (string column in Columns)
        {
            csv.Text(column);
        }

        csv.EndRow();
        foreach (AnomalyRecord row in rows)
        {
            Alert alert = AlertRecords.Read(row.Json, row.Id);
            using JsonDocument json = JsonDocument.Parse(row.Json);
            csv.Text(row.Id).Text(row.Site).Text(row.Device).Text(row.Kind).Text(row.Severity)
                .Text(row.Raised.ToString()).Text(row.Cleared?.ToString())
                .Number((decimal)alert.Anomaly.Score).Number(alert.Anomaly.KwhPerDay).Number(alert.Anomaly.LevyPerDay)
                .Text(alert.Acknowledged?.By).Text(alert.Acknowledged?.At.ToString())
                .Text(alert.Muted?.Until.ToString()).Text(alert.Muted?.Act.By)
                .Text(row.Cause).Text(alert.Anomaly.Group).Text(alert.Anomaly.Text).Text(json.RootElement.GetProperty("evidence").GetRawText())
                .EndRow();
        }

        return text.ToString();
    }
}
