namespace FleetMonitor.Levy;

internal static class LocalMidnight
{
    /// <summary>The first instant of a local date, in UTC. Where clocks skip midnight, that is the moment they skip it.</summary>
    public static DateTime Utc(DateOnly day, TimeZoneInfo zone)
    {
        DateTime midnight = day.ToDateTime(TimeOnly.MinValue);
        if (zone.IsInvalidTime(midnight))
        {
            // The offset before the jump, applied to the skipped midnight, gives the jump itself.
            return DateTime.SpecifyKind(midnight - zone.GetUtcOffset(midnight.AddHours(-3)), DateTimeKind.Utc);
        }

        TimeSpan offset = zone.IsAmbiguousTime(midnight) ? zone.GetAmbiguousTimeOffsets(midnight).Max() : zone.GetUtcOffset(midnight);
        return DateTime.SpecifyKind(midnight - offset, DateTimeKind.Utc);
    }
}
