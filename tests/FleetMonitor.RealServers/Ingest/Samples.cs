using System.Globalization;

namespace FleetMonitor.RealServers.Ingest;

/// <summary>Native telemetry, as a device would send it.</summary>
internal static class Samples
{
    public static string Topic(string device) => $"fleet/site-1/{device}/telemetry";

    public static string Register(DateTimeOffset at, decimal wattHours) => string.Create(
        CultureInfo.InvariantCulture, $$"""{"ts":"{{at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}}","energy_wh":{{wattHours}}}""");

    public static string Power(DateTimeOffset at, decimal watts) => string.Create(
        CultureInfo.InvariantCulture, $$"""{"ts":"{{at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}}","power_w":{{watts}}}""");
}
