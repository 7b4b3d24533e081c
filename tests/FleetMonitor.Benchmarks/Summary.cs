using System.Text;
using System.Text.RegularExpressions;

namespace FleetMonitor.Benchmarks;

/// <summary>The page over the reports, made of what stands in them: every goal with what was measured, and how long each part took.</summary>
internal static partial class Summary
{
    private const string GoalHeader = "| goal |";

    /// <param name="failed">Parts that failed now: their reports, where there are any, are older.</param>
    public static async Task WriteAsync(BenchmarkOptions options, IReadOnlyDictionary<string, string> failed)
    {
        var goals = new StringBuilder();
        var reports = new StringBuilder();
        foreach (Part part in Parts.All)
        {
            bool isThere = File.Exists(options.File($"{part.Name}.md"));
            string text = isThere ? await File.ReadAllTextAsync(options.File($"{part.Name}.md")) : "";
            foreach (string row in text.Split('\n').SkipWhile(line => !line.StartsWith(GoalHeader, StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|')))
            {
                goals.Append(row).Append('\n');
            }

            string what = failed.TryGetValue(part.Name, out string? why) ? $"{part.Title}; **failed**: {why}" : part.Title;
            reports.Append($"| {(isThere ? $"[{part.Name}]({part.Name}.md)" : part.Name)} | {what} | {Minutes().Match(text).Groups[1].Value} |\n");
        }

        await File.WriteAllTextAsync(
            options.File("README.md"),
            $"""
            # What was measured

            `dotnet run -c Release --project tests/FleetMonitor.Benchmarks` runs all of it, each beside its baseline, and writes these reports; a part
            alone by its name; `--quick` only tries out that it runs. On which machine, and how busy it was, stands in each report.

            | goal | measured, median | aimed at | |
            | --- | --- | --- | --- |
            {goals}
            | report | | minutes |
            | --- | --- | --- |
            {reports}
            """.ReplaceLineEndings("\n"));
    }

    /// <summary>The last line of a report.</summary>
    public static string Took(TimeSpan took) => FormattableString.Invariant($"\nIt took {took.TotalMinutes:F1} minutes.\n");

    [GeneratedRegex(@"It took ([\d.]+) minutes\.\n$")]
    private static partial Regex Minutes();
}
