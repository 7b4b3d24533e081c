using System.Globalization;

namespace FleetMonitor.Benchmarks.EndToEnd;

/// <summary><c>end-to-end [--runs N] [--seconds S] [--output FILE]</c>: publishers, broker, service; how much, at what cost.</summary>
internal static class EndToEndBenchmark
{
    private const int Usage = 2;

    public static async Task<int> RunAsync(string[] options)
    {
        int runs = 3;
        int seconds = 60;
        string? only = null;
        string? output = null;
        for (int i = 0; i + 1 < options.Length; i += 2)
        {
            switch (options[i])
            {
                case "--runs":
                    runs = int.Parse(options[i + 1], CultureInfo.InvariantCulture);
                    break;
                case "--seconds":
                    seconds = int.Parse(options[i + 1], CultureInfo.InvariantCulture);
                    break;
                case "--only":
                    only = options[i + 1];
                    break;
                case "--output":
                    output = options[i + 1];
                    break;
                default:
                    Console.Error.WriteLine($"{options[i]}: there are --runs, --seconds, --only and --output.");
                    return Usage;
            }
        }

        Scenario[] scenarios =
        [
            new("flat out, through mosquitto", true, 20_000, TimeSpan.Zero, 8, seconds / 2, 5),
            new("flat out, into the listener", false, 20_000, TimeSpan.Zero, 8, seconds / 2, 5),
            new("55,000 rigs every 10 s, through mosquitto", true, 55_000, TimeSpan.FromSeconds(10), 50, seconds, 15),
            new("55,000 rigs every 10 s, into the listener", false, 55_000, TimeSpan.FromSeconds(10), 50, seconds, 15),
        ];
        var report = new Report(runs);
        foreach (Scenario scenario in scenarios.Where(scenario => only is null || scenario.Name.Contains(only, StringComparison.Ordinal)))
        {
            var outcomes = new List<Outcome>();
            for (int run = 0; run < runs; run++)
            {
                Console.Error.WriteLine($"{scenario.Name}, run {run + 1} of {runs}");
                outcomes.Add(await new LoadRun(scenario).MeasureAsync());
            }

            report.Add(scenario, outcomes);
        }

        string text = report.ToString();
        Console.Write(text);
        if (output is not null)
        {
            await File.WriteAllTextAsync(output, text);
        }

        return 0;
    }
}
