using FleetMonitor.Fleet.Json;
using FleetMonitor.Service.Configuration;

namespace FleetMonitor.Service.Identity;

/// <summary>Who may come in now: the keys of the settings, and what the access file says, which is read again when it changes.</summary>
internal sealed class AccessControl
{
    private readonly Settings _settings;
    private volatile AccessList _current;

    private AccessControl(Settings settings, AccessList fromFile)
    {
        _settings = settings;
        _current = WithSettings(fromFile);
    }

    public event Action? Changed;

    public AccessList Current => _current;

    /// <returns>Null with the problems, where the access file is bad or leaves a door open.</returns>
    public static (AccessControl? Access, IReadOnlyList<string> Problems) Load(Settings settings)
    {
        (AccessList? list, IReadOnlyList<string> problems) = Read(settings);
        return (list is null ? null : new AccessControl(settings, list), problems);
    }

    /// <summary>Reads the access file again, and keeps the last good one where it is bad.</summary>
    /// <returns>The problems.</returns>
    public IReadOnlyList<string> ReadAgain()
    {
        (AccessList? list, IReadOnlyList<string> problems) = Read(_settings);
        if (list is not null)
        {
            _current = WithSettings(list);
            Changed?.Invoke();
        }

        return problems;
    }

    private AccessList WithSettings(AccessList fromFile) => fromFile with { Keys = [.. _settings.Http.Keys, .. fromFile.Keys] };

    private static (AccessList? List, IReadOnlyList<string> Problems) Read(Settings settings)
    {
        if (settings.Access.File is not { } file)
        {
            return (AccessList.Empty, []);
        }

        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, [$"Access:File = \"{file}\": cannot be read: {e.Message}"]);
        }

        Parsed<AccessList> parsed = AccessFile.Parse(bytes, file);
        string[] problems = parsed.Value is null
            ? [.. parsed.Problems.Select(problem => problem.ToString())]
            : [.. OpenDoors.Find(settings, parsed.Value).Select(problem => problem.ToString())];
        return (problems.Length == 0 ? parsed.Value : null, problems);
    }
}
