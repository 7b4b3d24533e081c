namespace FleetMonitor.Service.Sources;

/// <summary>
/// Under which client id each broker is connected to. A broker keeps the session that it has, wherever it stands in the list: readings wait
/// there under that id. A new one gets the id itself or, since two addresses may be one broker, the id with a number that no other has.
/// </summary>
internal static class ClientIds
{
    /// <param name="id">As it is set, or made for this ledger.</param>
    /// <param name="known">What each broker is known under; null where it is new.</param>
    public static IReadOnlyList<string> Assign(string id, IReadOnlyList<string?> known)
    {
        var taken = known.OfType<string>().Where(Belongs).ToHashSet();
        return [.. known.Select(name => name is not null && Belongs(name) ? name : Free())];

        // Under another id than what is set now, a session is of no more use.
        bool Belongs(string name) =>
            name == id || (name.StartsWith(id + "-", StringComparison.Ordinal) && int.TryParse(name.AsSpan(id.Length + 1), out _));

        string Free()
        {
            string name = id;
            for (int number = 2; !taken.Add(name); number++)
            {
                name = $"{id}-{number}";
            }

            return name;
        }
    }
}
