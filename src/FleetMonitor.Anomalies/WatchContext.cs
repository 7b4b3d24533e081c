using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Anomalies;

/// <summary>Planned less power on a site, <c>From ≤ t &lt; To</c>: what then falls is no fault.</summary>
public readonly record struct CurtailmentWindow(Instant From, Instant To)
{
    public bool Overlaps(Instant from, Instant to) => From < to && from < To;
}

/// <summary>What all devices of one site share.</summary>
public sealed record WatchContext(AnomalyOptions Options)
{
    /// <summary>When this process began to listen. Readings received earlier (folded back in, or replayed) are judged as they were.</summary>
    public Instant ServiceStarted { get; init; }

    public IReadOnlyList<CurtailmentWindow> Curtailments { get; init; } = [];

    internal bool IsServiceWarmingUp(Instant receivedAt) =>
        receivedAt >= ServiceStarted && receivedAt < ServiceStarted.Plus(Options.WarmUp);

    /// <summary>In a window, or so soon after one that rigs are still coming back.</summary>
    internal bool IsCurtailed(Instant at)
    {
        // Indexed: this runs for every reading, and an enumerator over the interface would allocate.
        for (int i = 0; i < Curtailments.Count; i++)
        {
            CurtailmentWindow window = Curtailments[i];
            if (at >= window.From && at < window.To.Plus(Options.WarmUp))
            {
                return true;
            }
        }

        return false;
    }
}
