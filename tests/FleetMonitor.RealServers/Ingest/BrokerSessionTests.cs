using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Ingest;

/// <summary>
/// What others lost readings by: sessions that are gone, topics that changed, windows full of rubbish. Where Telegraf's users reported it, the
/// test bears the report's number: <c>dotnet test --filter Telegraf~#</c> runs them all.
/// </summary>
/// <param name="client">As in <c>Mqtt:Client</c>.</param>
public abstract class BrokerSessionSuite(string client)
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    [RealServerFact(MosquittoServer.Program, TestSite.Publisher)]
    public async Task Session_ThatTheBrokerForgot_IsRecordedAsAGap()
    {
        DateTimeOffset started = DateTimeOffset.UtcNow;
        await using TestSite site = await TestSite.StartAsync(client);
        await site.StartServiceAsync();
        Assert.Equal(0, (await site.StopServiceAsync()).ExitCode);
        await site.Broker.StopAsync();
        site.Broker.Forget();
        await site.Broker.StartAsync();
        await site.PublishAsync(Samples.Topic("rig-1"), [Samples.Register(Now, 1m)]);

        DateTimeOffset before = DateTimeOffset.UtcNow;
        await site.StartServiceAsync();

        await site.WaitForMetricAsync("fleetmonitor_session_gaps_total", 1);
        await site.StopServiceAsync();
        SessionGap gap = Assert.Single(site.Read(ledger => ledger.SessionGaps().ToList()));
        Assert.Equal($"mqtt://{site.Broker.Address}", gap.Source);
        Assert.InRange(gap.From.ToDateTimeOffset(), started, before);
        Assert.InRange(gap.To.ToDateTimeOffset(), before.AddMilliseconds(-1), DateTimeOffset.UtcNow);
        Assert.Contains("no longer knew the session", gap.Detail, StringComparison.Ordinal);
    }

    [RealServerFact(MosquittoServer.Program, TestSite.Publisher)]
    public async Task Session_OfTheFirstConnection_IsNoGap()
    {
        await using TestSite site = await TestSite.StartAsync(client);

        await site.StartServiceAsync();
        await site.StopServiceAsync();
        await site.StartServiceAsync();
        await site.StopServiceAsync();

        Assert.Empty(site.Read(ledger => ledger.SessionGaps().ToList()));
    }

    [RealServerFact(MosquittoServer.Program, TestSite.Publisher)]
    [Trait("Telegraf", "#9703")]
    public async Task Topics_ThatChanged_AreSubscribedAnewOnTheSameSession()
    {
        await using TestSite site = await TestSite.StartAsync(client);
        site.Set("Mqtt:Subscriber:Topics:0", Samples.Topic("rig-1"));
        await site.StartServiceAsync();
        await site.PublishAsync(Samples.Topic("rig-1"), [Samples.Register(Now, 1_000m)]);
        await site.PublishAsync(Samples.Topic("rig-2"), [Samples.Register(Now, 1_000m)]);
        await site.WaitForMetricAsync("fleetmonitor_acknowledged_total", 1);
        await site.StopServiceAsync();

        site.Set("Mqtt:Subscriber:Topics:0", Samples.Topic("rig-2"));
        await site.StartServiceAsync();
        Assert.Contains("session resumed: True", site.Service!.Errors, StringComparison.Ordinal);
        await site.PublishAsync(Samples.Topic("rig-1"), [Samples.Register(Now.AddSeconds(60), 1_050m)]);
        await site.PublishAsync(Samples.Topic("rig-2"), [Samples.Register(Now, 2_000m), Samples.Register(Now.AddSeconds(60), 2_050m)]);
        await site.WaitForMetricAsync("fleetmonitor_acknowledged_total", 2);

        Books books = await site.BooksAsync();
        Assert.Equal(0m, books.Of("site-1/rig-1").Total);
        Assert.Equal(0.05m, books.Of("site-1/rig-2").Register);
    }

    /// <summary>Connected again and subscribed to nothing is what a client looks like whose broker forgot it, or that forgot to ask.</summary>
    [RealServerFact(MosquittoServer.Program, TestSite.Publisher)]
    [Trait("Telegraf", "#6232")]
    [Trait("Telegraf", "#16038")]
    [Trait("Telegraf", "#16293")]
    public async Task Reconnecting_ToABrokerThatKnowsUsOrForgotUs_BringsDataAgain()
    {
        await using TestSite site = await TestSite.StartAsync(client);
        await site.StartServiceAsync();
        await site.PublishAsync(Samples.Topic("rig-1"), [Samples.Register(Now, 1_000m)]);
        await site.WaitForMetricAsync("fleetmonitor_acknowledged_total", 1);
        for (int restart = 1; restart <= 3; restart++)
        {
            await site.Broker.StopAsync();
            if (restart == 2)
            {
                site.Broker.Forget();
            }

            await site.Broker.StartAsync();
            await site.Service!.WaitForAsync("Connected to", Tool.Patience, times: restart + 1);
            await site.PublishAsync(Samples.Topic("rig-1"), [Samples.Register(Now.AddSeconds(restart * 60), 1_000m + (50m * restart))]);
            await site.WaitForMetricAsync("fleetmonitor_acknowledged_total", restart + 1);
        }

        Assert.Equal(0.15m, (await site.BooksAsync()).Of("site-1/rig-1").Register);
    }

    [RealServerFact(MosquittoServer.Program, TestSite.Publisher)]
    [Trait("Telegraf", "#13476")]
    [Trait("Telegraf", "#13922")]
    [Trait("Telegraf", "#14685")]
    public async Task Rubbish_ManyTimesTheWindow_NeitherStopsReadingsNorVanishes()
    {
        const int Window = 10;
        const int Rubbish = 300;
        await using TestSite site = await TestSite.StartAsync(client);
        site.Set("Mqtt:Subscriber:ReceiveMaximum", $"{Window}");
        await site.StartServiceAsync();

        await site.PublishAsync(Samples.Topic("rig-1"), Enumerable.Range(0, Rubbish).Select(i => $"{{\"power_w\": {i} oops"));
        await site.PublishAsync(Samples.Topic("rig-1"), [Samples.Register(Now, 10m), Samples.Register(Now.AddSeconds(60), 40m)]);

        await site.WaitForMetricAsync("fleetmonitor_acknowledged_total", Rubbish + 2);
        Assert.Equal(0.03m, (await site.BooksAsync()).Of("site-1/rig-1").Register);
        Assert.Equal(Rubbish, site.Read(ledger => ledger.QuarantineCounts()["malformed"]));
    }
}

[Collection(BusyCollection.Name)]
public sealed class BrokerSessionTests() : BrokerSessionSuite("builtin");
