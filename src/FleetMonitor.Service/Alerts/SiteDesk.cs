using FleetMonitor.Anomalies;
using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Alerts;

/// <summary>One site's alerts, and its control meters against its devices.</summary>
internal sealed class SiteDesk(string site, AlertOptions options, ShardSet shards, IEnumerable<Alert> kept)
{
    public AlertBook Book { get; } = new(site, options, kept);

    public SiteBalance Balance { get; } = new(site, options.Levels);

    public SiteRoster Roster { get; } = new(site, shards);

    public void Tick(
        Instant now, decimal? levyPerKwh, IReadOnlyList<CurtailmentWindow> planned, List<AnomalyChange> found, List<AlertChange> changes)
    {
        Roster.LookAgain();
        Balance.Tick(now, Book.IsDropped, planned, levyPerKwh, found);
        foreach (AnomalyChange change in found)
        {
            Book.Apply(change, changes);
        }

        found.Clear();
        Book.Tick(now, Roster, changes);
    }
}
