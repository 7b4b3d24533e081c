using System.Globalization;
using FleetMonitor.Benchmarks.Load;
using FleetMonitor.Benchmarks.Measuring;
using FleetMonitor.Benchmarks.Reporting;

namespace FleetMonitor.Benchmarks.EndToEnd;

/// <summary>The sections of the report.</summary>
internal static class ScenarioReport
{
    public static void Write(Markdown report, Scenario scenario, RunOutcome run)
    {
        IReadOnlyList<Outcome> slices = run.Slices;
        report.Heading(scenario.Name);
        report.Line(
            $"{scenario.Rigs:N0} rigs on {scenario.Connections} connections; {slices.Count} measurements of {scenario.SliceSeconds} s, "
            + $"after {scenario.WarmUpSeconds} s that are not measured.");
        if (scenario.WithInflux)
        {
            report.Line("Two services take the same readings from the same broker at the same time: the one that is measured writes its points to influxd, the other");
            report.Line("makes none. mosquitto serves three subscribers here.");
        }

        report.Line("");
        report.Columns("", "");
        void Figures(string name, Func<Outcome, double> figure, string format) => report.Row(name, Spread.Of(slices, figure).Text(format));
        void Figure(string name, double figure, string format) => report.Row(name, figure.ToString(format, CultureInfo.InvariantCulture));
        Figures("readings committed per second", slice => slice.PerSecond, "N0");
        Figure("acknowledged to publishers per second", run.PublishedPerSecond, "N0");
        Figures("readings per commit", slice => slice.ReadingsPerCommit, "N0");
        Figures("commit, mean, ms", slice => slice.CommitMilliseconds, "N1");
        Figure("commit, longest since the start, ms", run.LongestCommitMilliseconds, "N0");
        if (scenario.WithInflux)
        {
            Figures("points that arrived in InfluxDB per minute", slice => slice.PointsPerMinute, "N0");
        }

        if (scenario.ThroughBroker)
        {
            Figure("most that the broker kept, for all subscribers", run.WorstBacklog!.Value, "N0");
        }

        Figure("published and not committed when publishing ended", run.BacklogAtEnd, "N0");
        Figure("seconds until that was committed", run.DrainSeconds, "N2");
        report.Line("");
        report.Columns("process", "CPU seconds per million readings", "CPU, % of one core", "peak memory, MB");
        foreach (string process in slices[0].Shares.Select(share => share.Process))
        {
            IReadOnlyList<Share> shares = [.. slices.Select(slice => slice.Shares.Single(share => share.Process == process))];
            report.Row(
                process,
                Spread.Of(shares, share => share.CpuSecondsPerMillion).Text("F2"),
                Spread.Of(shares, share => share.CpuPercent).Text("F1"),
                Spread.Of(shares, share => share.PeakMegabytes).Text("N0"));
        }
    }

    public static void Write(Markdown report, LatencyOutcome latency)
    {
        report.Heading("Publish to acknowledgement");
        report.Line("QoS 1 on 50 connections, the service's listener and mosquitto in turns; milliseconds from the publish to its PUBACK, as the publisher sees");
        report.Line("them on the same cores. The service answers after its fsync; mosquitto keeps the message in memory.");
        report.Line($"fsync of 4 KiB on the same disk, before, between and after: {latency.Syncs.Text("F2")} ms.");
        report.Line("");
        report.Columns("", "median", "99 %", "longest");
        Row("service, idle", LatencyOutcome.IdlePerSecond, latency.Idle);
        Row("mosquitto, idle", LatencyOutcome.IdlePerSecond, latency.BrokerIdle);
        Row("service", LatencyOutcome.PerSecond, latency.Loaded);
        Row("mosquitto", LatencyOutcome.PerSecond, latency.BrokerLoaded);

        void Row(string who, int rate, IReadOnlyList<LoadResult> slices) => report.Row(
            FormattableString.Invariant($"{who}, {rate:N0} readings/s"),
            Spread.Of(slices, slice => slice.Median).Text("F2"),
            Spread.Of(slices, slice => slice.Percentile99).Text("F2"),
            Spread.Of(slices, slice => slice.Longest).Text("F1"));
    }
}
