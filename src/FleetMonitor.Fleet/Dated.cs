namespace FleetMonitor.Fleet;

/// <summary>A fact that holds on the local dates <c>From ≤ day &lt; To</c>; <c>To</c> is absent while it still holds.</summary>
public sealed record Dated<T>(DateOnly From, DateOnly? To, T Value)
{
    /// <summary>What shows it, such as the number of a protocol; null where nothing is named.</summary>
    public string? Evidence { get; init; }

    /// <summary>The name of who decided that it is so; null where nobody is named.</summary>
    public string? By { get; init; }

    public bool Holds(DateOnly day) => From <= day && (To is not { } to || day < to);
}

public static class DatedExtensions
{
    /// <summary>The entry that holds on a day, or null where the fact is unstated. Entries do not overlap (the fleet file is checked).</summary>
    public static Dated<T>? On<T>(this IReadOnlyList<Dated<T>> facts, DateOnly day)
    {
        foreach (Dated<T> fact in facts)
        {
            if (fact.Holds(day))
            {
                return fact;
            }
        }

        return null;
    }
}
