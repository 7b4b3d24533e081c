using FleetMonitor.Anomalies;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Metering;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Hosting;

/// <summary>What is made of the flow beside the books, by what is set.</summary>
internal static class Projections
{
    public static IProjection Create(Settings settings, SiteFiles files) => new NoProjection();

    /// <summary>No time-series store is set: no points wait for one. <c>influx refill</c> makes them from the evidence later.</summary>
    private sealed class NoProjection : IProjection
    {
        public void Add(TrackedDevice device, in DeviceWindow window)
        {
        }

        public void Add(in AnomalyChange change)
        {
        }

        public void Tick(Instant now, ShardSet shards)
        {
        }

        public void Complete(LedgerCommit commit)
        {
        }
    }
}
