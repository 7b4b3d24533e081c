using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Fleet;

/// <summary>
/// Whether the machine's time-zone data are recent enough. With data from before 2024 the quarters of Asia/Almaty would start an hour off,
/// and nobody would see it.
/// </summary>
public static class TimeZoneData
{
    private const string Zone = "Asia/Almaty";

    private static readonly Instant Middle2025 = Instant.From(new DateTimeOffset(2025, 7, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>What is wrong with the data, with the fix, or null where they are fit.</summary>
    public static string? Problem() => Problem(TimeZoneInfo.TryFindSystemTimeZoneById(Zone, out TimeZoneInfo? zone) ? zone : null);

    /// <param name="almaty">The zone Asia/Almaty as the machine knows it, or null where it does not.</param>
    public static string? Problem(TimeZoneInfo? almaty)
    {
        if (almaty is null)
        {
            return $"no time-zone data: {Zone} is not known here; install the package tzdata";
        }

        TimeSpan offset = almaty.GetUtcOffset(Middle2025.ToDateTimeOffset());
        return offset == TimeSpan.FromHours(5)
            ? null
            : $"time-zone data are older than 2024: {Zone} is at UTC+{offset.TotalHours} here and has been at UTC+5 since 2024-03-01; "
                + "update the package tzdata";
    }
}
