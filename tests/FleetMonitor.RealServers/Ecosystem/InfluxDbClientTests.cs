using FleetMonitor.RealServers.Influx;
using FleetMonitor.RealServers.Ingest;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Ecosystem;

[Collection(PatientCollection.Name)]
public sealed class InfluxDbClientPointsInStoresTests : PointsInStoresSuite, IAsyncLifetime
{
    private readonly InfluxDbClientStores _stores = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    private protected override Task UseAsync(ServiceWithStore service, InfluxdServer store) => _stores.UseAsync(service, store);

    private protected override void Use(ServiceWithStore service, VictoriaMetricsServer store) => InfluxDbClientStores.Use(service, store);
}

[Collection(PatientCollection.Name)]
public sealed class InfluxDbClientStoresThatFailTests : StoresThatFailSuite, IAsyncLifetime
{
    private readonly InfluxDbClientStores _stores = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _stores.DisposeAsync();

    private protected override Task UseAsync(ServiceWithStore service, InfluxdServer store) => _stores.UseAsync(service, store);

    private protected override void Use(ServiceWithStore service, VictoriaMetricsServer store) => InfluxDbClientStores.Use(service, store);
}
