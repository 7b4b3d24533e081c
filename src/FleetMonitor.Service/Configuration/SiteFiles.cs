using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Json;
using FleetMonitor.Levy;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Service.Configuration;

/// <summary>The files that the settings name, read and checked.</summary>
public sealed record SiteFiles(FleetSnapshot Fleet, ProfileSet Profiles, RateSchedule Schedule)
{
    /// <summary>Reads all of them, and says everything that is wrong with any.</summary>
    public static (SiteFiles? Files, IReadOnlyList<string> Problems) Load(Settings settings)
    {
        var problems = new List<string>();
        FleetSnapshot? fleet = LoadFleet(settings, problems);
        ProfileSet? profiles = LoadProfiles(settings, problems);
        RateSchedule? schedule = LoadSchedule(settings, problems);
        if (TimeZoneData.Problem() is { } stale)
        {
            problems.Add(stale);
        }

        return fleet is null || profiles is null || schedule is null || problems.Count > 0
            ? (null, problems)
            : (new SiteFiles(fleet, profiles, schedule), []);
    }

    /// <summary>The fleet file alone, for reading it again while running. Null with the problems noted, where it is bad.</summary>
    public static FleetSnapshot? LoadFleet(Settings settings, List<string> problems)
    {
        if (settings.Fleet.File is not { } file)
        {
            return FleetSnapshot.Empty;
        }

        return Read("Fleet:File", file, problems) is { } bytes
            ? Taken(FleetFile.Parse(bytes, file, new FleetDefaults(settings.Fleet.DefaultTimeZone)), problems)
            : null;
    }

    private static ProfileSet? LoadProfiles(Settings settings, List<string> problems)
    {
        if (settings.Fleet.Profiles is not { } directory)
        {
            return ProfileSet.Shipped;
        }

        if (!Directory.Exists(directory))
        {
            problems.Add($"Fleet:Profiles = \"{directory}\": there is no such directory; leave it out to use the shipped profiles only");
            return null;
        }

        var texts = new List<ProfileText>();
        foreach (string file in Directory.EnumerateFiles(directory, "*.json").Order(StringComparer.Ordinal))
        {
            if (Read("Fleet:Profiles", file, problems) is { } bytes)
            {
                texts.Add(new ProfileText(file, bytes));
            }
        }

        return Taken(ProfileSet.Load(texts), problems);
    }

    private static RateSchedule? LoadSchedule(Settings settings, List<string> problems)
    {
        if (settings.Levy.Schedule is not { } file)
        {
            return RateSchedule.Kazakhstan;
        }

        return Read("Levy:Schedule", file, problems) is { } bytes ? Taken(RateSchedule.Parse(bytes, file), problems) : null;
    }

    private static byte[]? Read(string key, string file, List<string> problems)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"{key} = \"{file}\": cannot be read: {e.Message}");
            return null;
        }
    }

    private static T? Taken<T>(Parsed<T> parsed, List<string> problems)
        where T : class
    {
        problems.AddRange(parsed.Problems.Select(problem => problem.ToString()));
        return parsed.Value;
    }
}
