using System.Globalization;
using System.Text;
using FleetMonitor.Benchmarks.Measuring;

namespace FleetMonitor.Benchmarks.Reporting;

/// <summary>A report under way: what was run on what stands above, then the goals, then the figures.</summary>
internal sealed class Markdown
{
    public const string Tried = "**Only tried out, at sizes at which the figures mean nothing.**\n\n";

    private readonly StringBuilder _body = new();
    private readonly string _head;

    /// <summary>To be made before anything is run: the load that it notes is the load that was there before.</summary>
    /// <param name="part">By which the benchmark repeats it.</param>
    public Markdown(string title, string part, BenchmarkOptions options)
    {
        _head = $"# {title}\n\nRepeat with `dotnet run -c Release --project tests/FleetMonitor.Benchmarks -- {part}`. Machine, at the start:\n{Machine.Describe()}.\n\n"
            + (options.Quick ? Tried : "");
    }

    public List<Goal> Goals { get; } = [];

    public void Line(FormattableString line) => Line(line.ToString(CultureInfo.InvariantCulture));

    public void Line(string line) => _body.Append(line).Append('\n');

    public void Heading(string text) => Line($"\n## {text}\n");

    public void Columns(params ReadOnlySpan<string> names)
    {
        Row(names);
        Line($"|{string.Concat(Enumerable.Repeat(" --- |", names.Length))}");
    }

    public void Row(params ReadOnlySpan<string> cells) => Line($"| {string.Join(" | ", cells)} |");

    public static string GoalTable(IReadOnlyCollection<Goal> goals) =>
        $"| goal | measured, median | aimed at | |\n| --- | --- | --- | --- |\n{string.Concat(goals.Select(goal => goal.Row + "\n"))}";

    public override string ToString() => _head + (Goals.Count > 0 ? GoalTable(Goals) : "") + _body;
}
