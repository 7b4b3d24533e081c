using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Levy;

/// <summary>A site's control meters against its devices, on one local day.</summary>
/// <param name="Control">What the control meters counted; null where none has books on that day, which is not the same as nothing.</param>
/// <param name="Devices">What rigs, feeders and unregistered devices metered, fed ones left out.</param>
public sealed record ReconciliationDay(string Site, DateOnly Day, Energy? Control, Energy Devices)
{
    /// <summary>Control meters less devices: losses, cooling, and what nobody reports; negative where devices say more.</summary>
    public Energy? Difference => Control is { } control ? control - Devices : null;
}

public static class Reconciliation
{
    /// <summary>By site and day, in order.</summary>
    public static IReadOnlyList<ReconciliationDay> Of(IEnumerable<SiteDay> books) =>
    [
        .. books.GroupBy(book => (book.Site, book.Day))
            .OrderBy(group => group.Key.Site, StringComparer.Ordinal).ThenBy(group => group.Key.Day)
            .Select(group => new ReconciliationDay(
                group.Key.Site,
                group.Key.Day,
                group.Any(book => book.Class == BillingClass.ControlMeter) ? Sum(group, BillingClass.ControlMeter) : null,
                Sum(group, BillingClass.Metered))),
    ];

    private static Energy Sum(IEnumerable<SiteDay> books, BillingClass @class) =>
        books.Where(book => book.Class == @class).Aggregate(Energy.Zero, (sum, book) => sum + book.Energy.Total);
}
