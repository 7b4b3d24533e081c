using FleetMonitor.Fleet;

namespace FleetMonitor.Service.Http;

/// <summary>Which of a site's devices stand together, for a map of it.</summary>
/// <param name="Names">In the order that people read; empty where nothing tells the devices apart.</param>
/// <param name="Runs">For the site's devices in the roster's order: the index of a name, and how many devices in a row have it.</param>
internal sealed record Racks(IReadOnlyList<string> Names, IReadOnlyList<(int Rack, int Count)> Runs)
{
    private static readonly Racks None = new([], []);

    /// <summary>
    /// The rack that the fleet file states; where it states none, what feeds the device; else its id without the number at its end, which is
    /// how most sites number their machines.
    /// </summary>
    /// <param name="devices">Ids of the site's devices, in the roster's order.</param>
    public static Racks Of(Site? listed, IReadOnlyList<string> devices)
    {
        string[] stated = [.. devices.Select(id => listed is not null && listed.Devices.TryGetValue(id, out Device? device) ? device.Rack ?? device.FedBy ?? "" : "")];
        var guessed = devices.Where((_, index) => stated[index].Length == 0).CountBy(Stem).ToDictionary(StringComparer.Ordinal);
        // Ids such as network addresses have no number that counts something: most stems are of one device.
        bool tells = guessed.Values.Where(count => count > 1).Sum() * 2 > guessed.Values.Sum();
        string[] racks = [.. stated.Select((rack, index) => rack.Length > 0 ? rack : tells ? Stem(devices[index]) : "")];
        string[] names = [.. racks.Distinct(StringComparer.Ordinal).Order(NaturalOrder.Instance)];
        if (names.Length < 2)
        {
            return None;
        }

        Dictionary<string, int> places = names.Index().ToDictionary(name => name.Item, name => name.Index, StringComparer.Ordinal);
        var runs = new List<(int Rack, int Count)>();
        foreach (int place in racks.Select(rack => places[rack]))
        {
            if (runs.Count > 0 && runs[^1].Rack == place)
            {
                runs[^1] = (place, runs[^1].Count + 1);
            }
            else
            {
                runs.Add((place, 1));
            }
        }

        return new Racks(names, runs);
    }

    private static string Stem(string id) => id.TrimEnd("0123456789".ToCharArray()).TrimEnd('-', '_', '.', ':', ' ');
}
