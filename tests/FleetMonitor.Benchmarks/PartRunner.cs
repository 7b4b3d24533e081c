using System.Diagnostics;

namespace FleetMonitor.Benchmarks;

/// <summary><c>[all | PART…] [--quick] [--output FOLDER]</c>: runs parts, each with a report; all of them also write a page of goals over the reports.</summary>
internal static class PartRunner
{
    private const int WrongUsage = 2;
    private const string Results = "tests/FleetMonitor.Benchmarks/results";

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (Parse(arguments) is not { } parsed)
        {
            Console.Error.WriteLine("[all | PART…] [--quick] [--output FOLDER], where PART is one of:");
            foreach (Part part in Parts.All)
            {
                Console.Error.WriteLine($"  {part.Name,-12} {part.Title} {string.Join(' ', part.Own.Select(own => $"[{own} N]"))}");
            }

            return WrongUsage;
        }

        (IReadOnlyList<Part> parts, BenchmarkOptions options) = parsed;
        Directory.CreateDirectory(options.Output);
        var summary = new Summary(options);
        long began = Stopwatch.GetTimestamp();
        foreach (Part part in parts)
        {
            BenchmarkOptions.Say($"{part.Name}: {part.Title}");
            summary.Add(await RunAsync(part, options));
        }

        if (parts.Count == Parts.All.Count)
        {
            await File.WriteAllTextAsync(options.File("README.md"), summary.Text(Stopwatch.GetElapsedTime(began)));
        }

        BenchmarkOptions.Say($"reports are in {options.Output}");
        return summary.HasFailed ? 1 : 0;
    }

    /// <summary>One part that fails, for want of a program for example, does not take the others with it.</summary>
    private static async Task<PartOutcome> RunAsync(Part part, BenchmarkOptions options)
    {
        long began = Stopwatch.GetTimestamp();
        try
        {
            return new PartOutcome(part, await part.RunAsync(options), Stopwatch.GetElapsedTime(began), null);
        }
        catch (Exception e)
        {
            BenchmarkOptions.Say($"{part.Name} failed: {e}");
            return new PartOutcome(part, [], Stopwatch.GetElapsedTime(began), e.Message);
        }
    }

    private static (IReadOnlyList<Part> Parts, BenchmarkOptions Options)? Parse(string[] arguments)
    {
        List<Part> parts = [];
        var own = new Dictionary<string, string>();
        bool quick = false;
        string? output = null;
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--quick")
            {
                quick = true;
            }
            else if (arguments[i] == "all")
            {
                parts.AddRange(Parts.All);
            }
            else if (arguments[i].StartsWith("--", StringComparison.Ordinal))
            {
                string name = arguments[i];
                if (++i == arguments.Length)
                {
                    return null;
                }

                if (name == "--output")
                {
                    output = Path.GetFullPath(arguments[i]);
                }
                else
                {
                    own.Add(name, arguments[i]);
                }
            }
            else if (Parts.All.FirstOrDefault(part => part.Name == arguments[i]) is { } part)
            {
                parts.Add(part);
            }
            else
            {
                return null;
            }
        }

        if (parts.Count == 0)
        {
            parts.AddRange(Parts.All);
        }

        // Own options go to a part that is run alone.
        return own.Keys.All(name => parts.Count == 1 && parts[0].Own.Contains(name))
            ? (parts, new BenchmarkOptions(quick, output ?? DefaultOutput(quick), own))
            : null;
    }

    /// <summary>What is only tried out does not overwrite what was measured.</summary>
    private static string DefaultOutput(bool quick)
    {
        if (quick)
        {
            return Directory.CreateTempSubdirectory("fleetmonitor-quick-").FullName;
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "FleetMonitor.sln")))
            {
                return Path.Combine(folder.FullName, Results);
            }
        }

        return Path.GetFullPath("results");
    }
}
