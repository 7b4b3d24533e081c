using FleetMonitor.Benchmarks.Reporting;

namespace FleetMonitor.Benchmarks;

/// <summary>One thing that is measured, with a report of its own: <c>results/NAME.md</c>.</summary>
/// <param name="Name">By which it is asked for.</param>
/// <param name="Title">What it answers.</param>
/// <param name="Own">Options that it alone has.</param>
/// <param name="RunAsync">Runs it and writes its report.</param>
internal sealed record Part(string Name, string Title, IReadOnlyList<string> Own, Func<BenchmarkOptions, Task> RunAsync)
{
    /// <summary>A part that returns its report.</summary>
    public static Part Reporting(string name, string title, Func<BenchmarkOptions, Task<Markdown>> run) => new(name, title, [], async options =>
    {
        Markdown report = await run(options);
        await File.WriteAllTextAsync(options.File($"{name}.md"), report.ToString());
    });
}
