using System.Diagnostics;

namespace FleetMonitor.Benchmarks;

/// <summary><c>[all | PART…] [--quick] [--output FOLDER]</c>: runs parts, each with a report, and makes the page of goals over the reports.</summary>
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
        var failed = new Dictionary<string, string>();
        foreach (Part part in parts)
        {
            BenchmarkOptions.Say($"{part.Name}: {part.Title}");
            long began = Stopwatch.GetTimestamp();
            try
            {
                await part.RunAsync(options);
                await File.AppendAllTextAsync(options.File($"{part.Name}.md"), Summary.Took(Stopwatch.GetElapsedTime(began)));
            }
            catch (Exception e)
            {
                // One part that fails, for want of a program for example, does not take the others with it.
                BenchmarkOptions.Say($"{part.Name} failed: {e}");
                failed.Add(part.Name, e.Message.Split('\n')[0]);
            }

            await Summary.WriteAsync(options, failed);
        }

        BenchmarkOptions.Say($"reports are in {options.Output}");
        return failed.Count > 0 ? 1 : 0;
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
