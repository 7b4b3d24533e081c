using FleetMonitor.Anomalies;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Metering;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Http;
using FleetMonitor.Service.Influx;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Service.Hosting;

/// <summary>What is made of the flow beside the books, by what is set.</summary>
internal static class Projections
{
    /// <param name="ledger">As the last process left it.</param>
    /// <param name="shards">Brought to where the ledger stands.</param>
    public static IProjection Create(Settings settings, LedgerReader ledger, LedgerFiles files, ShardSet shards, TimeProvider time) =>
        settings.Influx.Url is null ? new NoProjection() : new InfluxProjection(ledger, new LedgerLevies(files).At, settings.Metering, shards, time);

    /// <summary>What works on a projection in the background.</summary>
    public static void AddTo(IServiceCollection services, IProjection projection)
    {
        if (projection is not InfluxProjection influx)
        {
            return;
        }

        services.AddSingleton(influx);
        services.AddSingleton(influx.Gauge);
        services.AddSingleton<IPointSink>(provider =>
        {
            ServiceContext context = provider.GetRequiredService<ServiceContext>();
            return Clients.Sink(context.Settings.Influx, context.Time);
        });
        services.AddSingleton<IMetricsSource, InfluxMetrics>();
        services.AddHostedService(provider =>
        {
            ServiceContext context = provider.GetRequiredService<ServiceContext>();
            return new OutboxSender(
                context.Engine.Loop,
                atMost => OutboxSender.Oldest(context.Engine.Ledger.Files, atMost),
                context.Settings.Influx,
                influx.Gauge,
                provider.GetRequiredService<IPointSink>(),
                context.Time,
                provider.GetRequiredService<ILogger<OutboxSender>>());
        });
        services.AddHostedService(provider =>
        {
            Engine engine = provider.GetRequiredService<ServiceContext>().Engine;
            return new SiteWindowRemaker(
                engine.Loop, engine.Ledger, engine.Metering.Window, influx, provider.GetRequiredService<ServiceContext>().Time, provider.GetRequiredService<ILogger<SiteWindowRemaker>>());
        });
        services.AddHostedService<ServicePoints>();
    }

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
