using System.Text;
using FleetMonitor.Benchmarks.Measuring;
using FleetMonitor.Benchmarks.Reporting;

namespace FleetMonitor.Benchmarks;

/// <param name="Failure">Why it has no figures; null where it has.</param>
internal sealed record PartOutcome(Part Part, IReadOnlyList<Goal> Goals, TimeSpan Took, string? Failure);

/// <summary>The page over the reports: every goal with what was measured, and how long each part took.</summary>
internal sealed class Summary(BenchmarkOptions options)
{
    private readonly string _machine = Machine.Describe();
    private readonly List<PartOutcome> _outcomes = [];

    public bool HasFailed => _outcomes.Any(outcome => outcome.Failure is not null);

    public void Add(PartOutcome outcome) => _outcomes.Add(outcome);

    public string Text(TimeSpan took)
    {
        Goal[] goals = [.. _outcomes.SelectMany(outcome => outcome.Goals)];
        var text = new StringBuilder(
            $"""
            # What was measured

            `dotnet run -c Release --project tests/FleetMonitor.Benchmarks` runs all of it, each beside its baseline, and writes these reports; a part
            alone by its name, `--quick` only tries out that it runs. Machine, at the start: {_machine}. It took {took.TotalMinutes:F0} minutes.


            """.ReplaceLineEndings("\n"));
        text.Append(options.Quick ? Markdown.Tried : "");
        text.Append($"{goals.Count(goal => goal.IsMet)} of {goals.Length} goals are met.\n\n").Append(Markdown.GoalTable(goals));
        text.Append("\n| report | | minutes |\n| --- | --- | --- |\n");
        foreach (PartOutcome outcome in _outcomes)
        {
            text.Append($"| [{outcome.Part.Name}]({outcome.Part.Name}.md) | {outcome.Part.Title}{(outcome.Failure is null ? "" : $"; **failed**: {outcome.Failure.Split('\n')[0]}")} | {outcome.Took.TotalMinutes:F1} |\n");
        }

        return text.ToString();
    }
}
