using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;

namespace FleetMonitor.Service.Influx;

/// <summary>The measurements as they are written: names, tags, fields and their order.</summary>
internal static class Points
{
    private static readonly Dictionary<DeviceRole, string> Roles = Enum.GetValues<DeviceRole>().ToDictionary(role => role, FleetNames.Roles.NameOf);

    /// <summary><c>device</c>: one window of one device, stamped with the window's start.</summary>
    public static void Device(LineWriter lines, DeviceKey key, DeviceRole role, in DeviceWindow window)
    {
        // What makes the device's line makes its share of the site's.
        WindowShare share = WindowShare.Of(window, site: null, key.Device);
        lines.Begin("device"u8);
        lines.Tag("device"u8, key.Device);
        lines.Tag("role"u8, Roles[role]);
        lines.Tag("site"u8, key.Site);
        if (share.Power is { } power)
        {
            lines.Fixed("power_mean_w"u8, power, 3);
            lines.Fixed("power_min_w"u8, window.PowerMin.Milliwatts, 3);
            lines.Fixed("power_max_w"u8, window.PowerMax.Milliwatts, 3);
        }

        if (share.HashRate is { } hashRate)
        {
            lines.Fixed("hashrate_mean_ths"u8, hashRate, 6);
        }

        if (share.Energy is { } energy)
        {
            lines.Fixed("energy_wh"u8, energy, 6);
            lines.Fixed("estimated_wh"u8, share.Estimated, 6);
        }

        if (window is { PowerReadings: > 0, HashRateSum: > 0 })
        {
            // From the sums: rounding once. mW and MH/s to thousandths of W per TH/s.
            lines.Fixed(
                "efficiency_j_th"u8,
                Rounded.Divide(
                    (Int128)window.PowerSum * window.HashRateReadings * 1_000_000, (Int128)window.HashRateSum * window.PowerReadings),
                3);
        }

        if (window.HasTemperature)
        {
            lines.Fixed("temp_max_c"u8, window.TemperatureMax.Millicelsius, 3);
        }

        lines.Integer("readings"u8, window.Readings);
        lines.End(window.Start);
    }

    /// <summary><c>site</c>: what a site's devices of one window sum to. A function of their readings, like the device points.</summary>
    public static void Site(LineWriter lines, string site, Instant window, in SiteSums sums)
    {
        lines.Begin("site"u8);
        lines.Tag("site"u8, site);
        if (sums.Power is { } power)
        {
            lines.Fixed("power_mean_w"u8, power, 3);
        }

        if (sums.HashRate is { } hashRate)
        {
            lines.Fixed("hashrate_mean_ths"u8, hashRate, 6);
        }

        if (sums.Energy is { } energy)
        {
            lines.Fixed("energy_wh"u8, energy, 6);
            lines.Fixed("estimated_wh"u8, sums.Estimated, 6);
        }

        if (sums is { Power: { } watts, HashRate: > 0 and { } hashes })
        {
            lines.Fixed("efficiency_j_th"u8, Rounded.Divide((Int128)watts * 1_000_000, hashes), 3);
        }

        if (sums.Temperature is { } temperature)
        {
            lines.Fixed("temp_max_c"u8, temperature, 3);
        }

        lines.Integer("readings"u8, sums.Readings);
        lines.End(window);
    }

    /// <summary>
    /// The rest of a <c>site</c> point, which is no function of one window's readings: the same series and time, so that the store holds one
    /// point.
    /// </summary>
    /// <param name="levy">Null where some of the energy is unrated.</param>
    public static void SiteState(LineWriter lines, string site, Instant window, in StateCounts counts, SiteLevy? levy)
    {
        lines.Begin("site"u8);
        lines.Tag("site"u8, site);
        lines.Integer("mining"u8, counts.Mining);
        lines.Integer("idle"u8, counts.Idle);
        lines.Integer("stale"u8, counts.Stale);
        lines.Integer("offline"u8, counts.Offline);
        if (levy?.Today is { } today)
        {
            lines.Decimal("levy_today"u8, today);
        }

        if (levy?.Period is { } period)
        {
            lines.Decimal("levy_period"u8, period);
        }

        lines.End(window);
    }

    /// <summary><c>anomaly</c>: raised or cleared, when that was; an update is no event.</summary>
    public static void Anomaly(LineWriter lines, in AnomalyChange change)
    {
        Anomaly anomaly = change.Anomaly;
        if (change.Type == AnomalyChangeType.Updated)
        {
            return;
        }

        bool raised = change.Type == AnomalyChangeType.Raised;
        lines.Begin("anomaly"u8);
        lines.Tag("device"u8, anomaly.Device ?? anomaly.Group ?? string.Empty);
        lines.Tag("kind"u8, anomaly.Kind.Code());
        lines.Tag("severity"u8, anomaly.Severity.Code());
        lines.Tag("site"u8, anomaly.Site);
        lines.Text("event"u8, raised ? "raised" : "cleared");
        if (anomaly.LevyPerDay is { } levy)
        {
            lines.Decimal("levy_per_day"u8, levy);
        }

        lines.Text("text"u8, anomaly.Text);
        lines.End(raised ? anomaly.Raised : anomaly.Cleared ?? anomaly.Raised);
    }

    /// <summary><c>service</c>: one window of the service itself.</summary>
    /// <param name="host">The machine it runs on.</param>
    public static void Service(LineWriter lines, string host, ServiceWindow window)
    {
        lines.Begin("service"u8);
        lines.Tag("host"u8, host);
        lines.Integer("messages"u8, window.Messages);
        lines.Integer("readings"u8, window.Readings);
        lines.Integer("duplicates"u8, window.Duplicates);
        lines.Integer("late"u8, window.Late);
        lines.Integer("quarantined"u8, window.Quarantined);
        lines.Integer("commits"u8, window.Commits);
        lines.Fixed("commit_s"u8, Milliseconds(window.Committing), 3);
        lines.Integer("sources"u8, window.Sources);
        lines.Integer("sources_connected"u8, window.SourcesConnected);
        lines.Integer("points_sent"u8, window.PointsSent);
        lines.Integer("points_lost"u8, window.PointsLost);
        lines.Integer("outbox_bytes"u8, window.OutboxBytes);
        lines.Fixed("outbox_lag_s"u8, Milliseconds(window.OutboxLag), 3);
        lines.Integer("ledger_bytes"u8, window.LedgerBytes);
        lines.Integer("disk_free_bytes"u8, window.DiskFreeBytes);
        lines.Integer("memory_bytes"u8, window.MemoryBytes);
        lines.Fixed("cpu_s"u8, Milliseconds(window.Processor), 3);
        lines.Fixed("uptime_s"u8, Milliseconds(window.Uptime), 3);
        lines.End(window.Start);
    }

    private static long Milliseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMillisecond;
}
