using FleetMonitor.Ledger;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Ingest;

/// <summary>A site with two brokers: each has a session and a record of gaps of its own, and neither waits for the other.</summary>
[Collection(BusyCollection.Name)]
public sealed class SeveralBrokersTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    [RealServerFact(MosquittoServer.Program, TestSite.Publisher)]
    public async Task Broker_ThatForgotItsSession_IsTheOnlyGap_AndTheOtherLosesNothing()
    {
        await using TestSite site = await TestSite.StartAsync();
        await using MosquittoServer second = await MosquittoServer.StartAsync(site.File("second"));
        site.Set("Mqtt:Subscriber:Brokers:1", $"mqtt://{second.Address}");
        await site.StartServiceAsync();
        await site.Service!.WaitForAsync("Connected to", Tool.Patience, times: 2);
        await site.PublishAsync(Samples.Topic("rig-1"), [Samples.Register(Now, 1_000m)]);
        await site.PublishAsync(Samples.Topic("rig-2"), [Samples.Register(Now, 1_000m)], options: ["-p", $"{second.Port}"]);
        await site.WaitForMetricAsync("fleetmonitor_acknowledged_total", 2);
        await site.StopServiceAsync();

        await second.StopAsync();
        second.Forget();
        await second.StartAsync();
        await site.PublishAsync(Samples.Topic("rig-1"), [Samples.Register(Now.AddSeconds(60), 1_050m)]);
        await site.StartServiceAsync();
        await site.WaitForMetricAsync("fleetmonitor_acknowledged_total", 1);
        await site.WaitForMetricAsync("fleetmonitor_session_gaps_total", 1);
        await site.StopServiceAsync();

        Assert.Equal(0.05m, (await site.BooksAsync()).Of("site-1/rig-1").Register);
        SessionGap gap = Assert.Single(site.Read(ledger => ledger.SessionGaps().ToList()));
        Assert.Equal($"mqtt://{second.Address}", gap.Source);
    }

    [RealServerFact(MosquittoServer.Program, TestSite.Publisher)]
    public async Task Broker_ThatIsNoLongerListedFirst_KeepsItsSession()
    {
        await using TestSite site = await TestSite.StartAsync();
        await using MosquittoServer second = await MosquittoServer.StartAsync(site.File("second"));
        site.Set("Mqtt:Subscriber:Brokers:1", $"mqtt://{second.Address}");
        await site.StartServiceAsync();
        await site.Service!.WaitForAsync("Connected to", Tool.Patience, times: 2);
        await site.StopServiceAsync();
        await site.PublishAsync(Samples.Topic("rig-1"), [Samples.Register(Now, 1_000m)]);
        await site.PublishAsync(Samples.Topic("rig-2"), [Samples.Register(Now, 1_000m)], options: ["-p", $"{second.Port}"]);

        site.Set("Mqtt:Subscriber:Brokers:0", $"mqtt://{second.Address}");
        site.Set("Mqtt:Subscriber:Brokers:1", $"mqtt://{site.Broker.Address}");
        await site.StartServiceAsync();

        await site.WaitForMetricAsync("fleetmonitor_acknowledged_total", 2);
        Assert.Equal(0, await site.MetricAsync("fleetmonitor_session_gaps_total"));
    }
}
