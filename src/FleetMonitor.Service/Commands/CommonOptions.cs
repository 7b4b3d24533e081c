using System.CommandLine;
using FleetMonitor.Service.Configuration;

namespace FleetMonitor.Service.Commands;

/// <summary>Exit codes of every command.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int WrongUsage = 2;
}

/// <summary>What every command takes: where its settings come from. Later ones win: file, environment, command line.</summary>
internal sealed class CommonOptions
{
    public const string EnvironmentPrefix = "FLEETMONITOR__";

    private readonly Option<FileInfo?> _config = new("--config")
    {
        Description = "Settings file (JSON). Without it, built-in defaults.",
        Recursive = true,
    };

    private readonly Option<string[]> _set = new("--set")
    {
        Description = "One setting, as Section:Key=value. May be given more than once.",
        Recursive = true,
        DefaultValueFactory = _ => [],
    };

    public void AddTo(Command root)
    {
        root.Options.Add(_config);
        root.Options.Add(_set);
    }

    /// <summary>The settings, or null with every problem written to stderr.</summary>
    /// <param name="overrides">What the command itself sets, weaker than everything a person says.</param>
    public Settings? Read(ParseResult parsed, IReadOnlyDictionary<string, string?>? overrides = null)
    {
        IReadOnlyList<string> problems = TryRead(parsed, overrides, out Settings? settings);
        foreach (string problem in problems)
        {
            Console.Error.WriteLine(problem);
        }

        return problems.Count == 0 ? settings : null;
    }

    /// <summary>The settings and the files they name, or null with every problem of both written to stderr.</summary>
    public (Settings Settings, SiteFiles Files)? ReadWithFiles(ParseResult parsed, IReadOnlyDictionary<string, string?>? overrides = null)
    {
        if (Read(parsed, overrides) is not { } settings)
        {
            return null;
        }

        (SiteFiles? files, IReadOnlyList<string> problems) = SiteFiles.Load(settings);
        foreach (string problem in problems)
        {
            Console.Error.WriteLine(problem);
        }

        return files is null ? null : (settings, files);
    }

    /// <param name="settings">With defaults in place of what is wrong, so that more can be looked at; null where nothing could be read.</param>
    /// <returns>Every problem.</returns>
    public IReadOnlyList<string> TryRead(ParseResult parsed, IReadOnlyDictionary<string, string?>? overrides, out Settings? settings)
    {
        settings = null;
        var problems = new List<string>();
        var builder = new ConfigurationBuilder();
        builder.AddInMemoryCollection(overrides ?? new Dictionary<string, string?>());
        if (parsed.GetValue(_config) is { } file)
        {
            if (!file.Exists)
            {
                return [$"--config {file}: there is no such file"];
            }

            builder.AddJsonFile(file.FullName, optional: false);
        }

        builder.AddEnvironmentVariables(EnvironmentPrefix);
        var sets = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (string set in parsed.GetValue(_set) ?? [])
        {
            int equals = set.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                problems.Add($"--set {set}: write Section:Key=value");
                continue;
            }

            sets[set[..equals].Trim()] = set[(equals + 1)..];
        }

        builder.AddInMemoryCollection(sets);
        SettingsResult result;
        try
        {
            result = SettingsFile.Read(builder.Build());
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or IOException)
        {
            return [$"--config {parsed.GetValue(_config)}: {e.InnerException?.Message ?? e.Message}"];
        }

        problems.AddRange(result.Problems.Select(problem => problem.ToString()));
        settings = result.Settings;
        return problems;
    }
}
