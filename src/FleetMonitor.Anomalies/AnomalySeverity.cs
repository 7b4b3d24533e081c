namespace FleetMonitor.Anomalies;

/// <summary>How much it matters, by the energy at stake; in rising order.</summary>
public enum AnomalySeverity : byte
{
    Info,
    Warning,
    Critical,
}

public static class AnomalySeverityCodes
{
    public static string Code(this AnomalySeverity severity) => severity switch
    {
        AnomalySeverity.Info => "info",
        AnomalySeverity.Warning => "warning",
        AnomalySeverity.Critical => "critical",
        _ => throw new ArgumentOutOfRangeException(nameof(severity), severity, null),
    };

    public static bool TryParse(string code, out AnomalySeverity severity)
    {
        severity = code switch
        {
            "critical" => AnomalySeverity.Critical,
            "warning" => AnomalySeverity.Warning,
            _ => AnomalySeverity.Info,
        };
        return code == severity.Code();
    }
}
