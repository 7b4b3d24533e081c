using System.Reflection;
using FleetMonitor.Fleet.Json;
using FleetMonitor.Telemetry.Profiles;

namespace FleetMonitor.Telemetry;

/// <summary>A profile file as it was read from wherever it lies.</summary>
/// <param name="Source">Its name, for problems.</param>
/// <param name="Utf8">Its bytes.</param>
public sealed record ProfileText(string Source, ReadOnlyMemory<byte> Utf8);

/// <summary>
/// The device types that can be read: those that ship, and those of the site's own folder. Native JSON is one of them, in the same terms.
/// </summary>
public sealed class ProfileSet
{
    private const string ResourcePrefix = "profiles/";

    private static readonly Lazy<ProfileSet> ShippedSet = new(() => Load([]).Value
        ?? throw new InvalidOperationException("A shipped profile is wrong: " + string.Join('\n', Load([]).Problems)));

    private ProfileSet(IReadOnlyList<Profile> profiles)
    {
        Profiles = profiles;
        MessageShape[] shapes = [.. profiles.SelectMany(profile => profile.Messages)];
        Array.Sort(shapes, (left, right) => TopicPattern.CompareByExactness(left.Topic, right.Topic));
        Shapes = shapes;
        TopicFilters = [.. shapes.Select(shape => shape.Topic.Filter).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The profiles that ship with the program.</summary>
    public static ProfileSet Shipped => ShippedSet.Value;

    public IReadOnlyList<Profile> Profiles { get; }

    /// <summary>The MQTT topic filters to subscribe to for all of them.</summary>
    public IReadOnlyList<string> TopicFilters { get; }

    /// <summary>All messages, the most exact topic first: the first that matches a topic reads it.</summary>
    internal MessageShape[] Shapes { get; }

    /// <summary>
    /// The shipped profiles and <paramref name="files"/>; a file whose profile has the name of a shipped one replaces it.
    /// </summary>
    /// <returns>The set, or every problem of every file at once.</returns>
    public static Parsed<ProfileSet> Load(IReadOnlyList<ProfileText> files)
    {
        var problems = new List<Problem>();
        var own = new Dictionary<string, (Profile Profile, string Source)>(StringComparer.Ordinal);
        foreach (ProfileText file in files)
        {
            var found = new ProblemList(file.Source);
            if (new ProfileReader(found).Read(file.Utf8) is { } profile && !own.TryAdd(profile.Name, (profile, file.Source)))
            {
                found.Add("$.name", $"\"{profile.Name}\"", $"{own[profile.Name].Source} has the same name", "give each profile its own name");
            }

            problems.AddRange(found.Problems);
        }

        foreach (ProfileText file in ShippedFiles())
        {
            var found = new ProblemList(file.Source);
            if (new ProfileReader(found).Read(file.Utf8) is { } profile)
            {
                own.TryAdd(profile.Name, (profile, file.Source));
            }

            problems.AddRange(found.Problems);
        }

        problems.AddRange(SharedTopics(own.Values));
        return problems.Count == 0
            ? Parsed<ProfileSet>.Of(new ProfileSet([.. own.Values.Select(entry => entry.Profile)]))
            : Parsed<ProfileSet>.Failed(problems);
    }

    /// <summary>Two messages for the same topics: which of them reads one would be chance.</summary>
    private static IEnumerable<Problem> SharedTopics(IEnumerable<(Profile Profile, string Source)> profiles)
    {
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((Profile profile, string source) in profiles)
        {
            for (int i = 0; i < profile.Messages.Count; i++)
            {
                TopicPattern topic = profile.Messages[i].Topic;
                if (!owners.TryAdd(topic.Shape, source))
                {
                    yield return new Problem(
                        source,
                        $"$.messages[{i}].topic",
                        $"\"{topic.Text}\"",
                        $"{owners[topic.Shape]} reads the same topics",
                        "make one of the two more exact, or give both profiles the same name so that this one replaces the other");
                }
            }
        }
    }

    private static IEnumerable<ProfileText> ShippedFiles()
    {
        Assembly assembly = typeof(ProfileSet).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(IsProfile).Order(StringComparer.Ordinal))
        {
            using Stream stream = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            yield return new ProfileText(name, bytes);
        }
    }

    private static bool IsProfile(string resource) => resource.StartsWith(ResourcePrefix, StringComparison.Ordinal);
}
