using System.Globalization;
using System.Text;

namespace FleetMonitor.Benchmarks.EndToEnd;

/// <summary>The results as Markdown: the median of the runs, and from which to which they spread.</summary>
internal sealed class Report(int runs)
{
    private readonly StringBuilder _text = new();

    public void Add(Scenario scenario, IReadOnlyList<Outcome> outcomes)
    {
        Line($"## {char.ToUpperInvariant(scenario.Name[0])}{scenario.Name[1..]}");
        Line("");
        Line($"{scenario.Rigs:N0} rigs on {scenario.Connections} connections, {scenario.Seconds} s, of which the first {scenario.WarmUpSeconds} s are not measured.");
        Line("");
        Line("| | |");
        Line("| --- | --- |");
        Line($"| readings committed per second | {Spread(outcomes, o => o.PerSecond, "N0")} |");
        Line($"| acknowledged to publishers per second | {Spread(outcomes, o => o.PublishedPerSecond, "N0")} |");
        Line($"| readings per commit | {Spread(outcomes, o => o.ReadingsPerCommit, "N0")} |");
        Line($"| commit, mean, ms | {Spread(outcomes, o => o.CommitMilliseconds, "N1")} |");
        Line($"| commit, longest, ms | {Spread(outcomes, o => o.LongestCommitMilliseconds, "N0")} |");
        if (outcomes[0].WorstBacklog is not null)
        {
            Line($"| most that the broker kept, for both subscribers | {Spread(outcomes, o => o.WorstBacklog!.Value, "N0")} |");
        }

        Line($"| published and not committed when publishing ended | {Spread(outcomes, o => o.BacklogAtEnd, "N0")} |");
        Line($"| seconds until that was committed | {Spread(outcomes, o => o.DrainSeconds, "N2")} |");
        Line("");
        Line("| process | CPU seconds per million readings | CPU, % of one core | peak memory, MB |");
        Line("| --- | --- | --- | --- |");
        for (int i = 0; i < outcomes[0].Shares.Count; i++)
        {
            int index = i;
            Line(
                $"| {outcomes[0].Shares[i].Process} | {Spread(outcomes, o => o.Shares[index].CpuSecondsPerMillion, "N2")} | "
                + $"{Spread(outcomes, o => o.Shares[index].CpuPercent, "N0")} | {Spread(outcomes, o => o.Shares[index].PeakMegabytes, "N0")} |");
        }

        Line("");
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        # End to end: publisher, broker, service

        Repeat with `dotnet run -c Release --project tests/FleetMonitor.Benchmarks -- end-to-end --output FILE`. It needs mosquitto and
        mosquitto_sub, and takes a few minutes a run. Everything (publisher, broker, service, mosquitto_sub) shares the {Environment.ProcessorCount} cores of
        one machine, and talks over loopback. Each figure is the median of {runs}, in parentheses the least and the greatest. A reading
        counts when the service has acknowledged it, which is after the fsync of its commit. Processor time is the kernel's count, from
        `/proc`, per reading that the service committed.

        Load of the machine over the last minute, at the end: {File.ReadAllText("/proc/loadavg").Split(' ')[0]}.


        """) + _text;

    private void Line(FormattableString line) => Line(line.ToString(CultureInfo.InvariantCulture));

    private void Line(string line) => _text.Append(line).Append('\n');

    private static string Spread(IReadOnlyList<Outcome> outcomes, Func<Outcome, double> figure, string format)
    {
        double[] sorted = [.. outcomes.Select(figure).Order()];
        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return sorted.Length == 1 ? Text(sorted[0]) : $"{Text(sorted[sorted.Length / 2])} ({Text(sorted[0])} – {Text(sorted[^1])})";
    }
}
