using System.Text.Json;
using FleetMonitor.Fleet.Json;

namespace FleetMonitor.Fleet;

/// <summary>What the fleet file may leave out.</summary>
/// <param name="TimeZone">Of a site that names none (option <c>Fleet:DefaultTimeZone</c>).</param>
public sealed record FleetDefaults(TimeZoneInfo TimeZone);

/// <summary>
/// The fleet file: sites, their devices, and the dated facts that the levy hangs on. Read strictly: a misspelt key would otherwise be a
/// fact that nobody knows is missing.
/// </summary>
public static class FleetFile
{
    /// <param name="utf8">The file's bytes, with or without a byte order mark.</param>
    /// <param name="source">The file's name, for the problems.</param>
    /// <param name="defaults">What holds where the file says nothing.</param>
    /// <returns>The fleet, or every problem at once.</returns>
    public static Parsed<FleetSnapshot> Parse(ReadOnlyMemory<byte> utf8, string source, FleetDefaults defaults)
    {
        var problems = new ProblemList(source);
        using JsonDocument? document = problems.Open(utf8);
        if (document is null)
        {
            return Parsed<FleetSnapshot>.Failed(problems.Problems);
        }

        List<Site> sites = ReadSites(JsonNode.Root(document.RootElement), defaults, problems);
        return problems.IsEmpty
            ? Parsed<FleetSnapshot>.Of(FleetSnapshot.OfFile(sites, utf8))
            : Parsed<FleetSnapshot>.Failed(problems.Problems);
    }

    private static List<Site> ReadSites(JsonNode root, FleetDefaults defaults, ProblemList problems)
    {
        var sites = new List<Site>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        if (JsonObjectReader.Open(root, problems, "sites") is not { } file)
        {
            return sites;
        }

        file.Require("sites", "list the sites, or use no fleet file at all");
        foreach (JsonNode node in file.Items("sites"))
        {
            if (new SiteReader(problems, defaults).Read(node) is not { } site)
            {
                continue;
            }

            if (!ids.Add(site.Id))
            {
                problems.Add(node.PathOf("id"), $"\"{site.Id}\"", "another site has this id", "give each site its own id");
            }

            sites.Add(site);
        }

        return sites;
    }
}
