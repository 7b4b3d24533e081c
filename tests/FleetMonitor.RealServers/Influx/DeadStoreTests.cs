using System.Net;
using System.Net.Sockets;
using FleetMonitor.RealServers.Ingest;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Influx;

/// <summary>A store that takes nothing costs the disk that points wait on, and no reading.</summary>
[Collection(BusyCollection.Name)]
public sealed class DeadStoreTests
{
    private const int Readings = 2_000;
    private static readonly DateTimeOffset Start = DateTimeOffset.UtcNow.AddHours(-2);

    [RealServerFact(MosquittoServer.Program, TestSite.Publisher)]
    [Trait("Telegraf", "#16537")]
    public Task Store_ThatIsNotThere_HoldsUpNoReading() => ExpectNoReadingHeldUpAsync(LoopbackPort.Free());

    [RealServerFact(MosquittoServer.Program, TestSite.Publisher)]
    [Trait("Telegraf", "#16537")]
    public async Task Store_ThatTakesRequestsAndNeverAnswers_HoldsUpNoReading()
    {
        using var store = new TcpListener(IPAddress.Loopback, 0);
        store.Start();
        await ExpectNoReadingHeldUpAsync(((IPEndPoint)store.LocalEndpoint).Port);
    }

    private static async Task ExpectNoReadingHeldUpAsync(int port)
    {
        await using TestSite site = await TestSite.StartAsync();
        site.Set("Influx:Url", $"http://127.0.0.1:{port}");
        site.Set("Mqtt:Subscriber:ReceiveMaximum", "10");
        await site.StartServiceAsync();

        await site.PublishAsync(Samples.Topic("rig-1"), Enumerable.Range(0, Readings).Select(i => Samples.Register(Start.AddSeconds(i), 1_000m + i)));

        await site.WaitForMetricAsync("fleetmonitor_acknowledged_total", Readings);
        Assert.Equal(1.999m, (await site.BooksAsync()).Of("site-1/rig-1").Register);
        Assert.True(await site.MetricAsync("fleetmonitor_influx_outbox_entries") > 0);
        Assert.Equal(0, await site.MetricAsync("fleetmonitor_influx_sent_total"));
        Assert.Equal(0, await site.MetricAsync("fleetmonitor_influx_dropped_total"));
        Assert.Equal(0, (await site.StopServiceAsync()).ExitCode);
    }
}
