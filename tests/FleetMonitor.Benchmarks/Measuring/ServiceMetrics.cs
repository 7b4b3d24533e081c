using System.Globalization;

namespace FleetMonitor.Benchmarks.Measuring;

/// <summary>What the service says of itself at <c>/metrics</c>.</summary>
/// <param name="PointsSent">Points that arrived in the time-series store; zero where there is none.</param>
internal readonly record struct ServiceMetrics(double Messages, double Commits, double CommitSeconds, double LongestCommitSeconds, double PointsSent)
{
    public static async Task<ServiceMetrics> ReadAsync(HttpClient http, Uri service)
    {
        string text = await http.GetStringAsync(new Uri(service, "/metrics"));
        Dictionary<string, double> values = text
            .Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#' && !line.Contains('{'))
            .Select(line => line.Split(' '))
            .ToDictionary(fields => fields[0], fields => double.Parse(fields[1], CultureInfo.InvariantCulture));
        return new ServiceMetrics(
            values["fleetmonitor_acknowledged_total"],
            values["fleetmonitor_commits_total"],
            values["fleetmonitor_commit_seconds_total"],
            values["fleetmonitor_commit_seconds_max"],
            values.GetValueOrDefault("fleetmonitor_influx_sent_total"));
    }
}
