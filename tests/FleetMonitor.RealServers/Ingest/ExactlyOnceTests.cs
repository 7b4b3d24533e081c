using System.Text.Json;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Ingest;

/// <summary>QoS 2 end to end, with messages that name no time: only the protocol and the ledger can tell one that comes again.</summary>
[Collection(BusyCollection.Name)]
public sealed class ExactlyOnceTests
{
    private const int Messages = 120;

    [RealServerFact(MosquittoServer.Program, TestSite.Publisher)]
    public async Task Messages_OfQos2_OverKilledServices_AreReadOnceEach()
    {
        await using TestSite site = await TestSite.StartAsync();
        site.Set("Mqtt:Subscriber:Qos", "2");
        await site.StartServiceAsync();

        for (int i = 0; i < Messages; i++)
        {
            await site.PublishAsync(Samples.Topic($"rig-{i}"), ["""{"power_w":3000}"""], qos: 2);
            if (i % 40 == 20)
            {
                // In the middle of whatever it does with the last ones.
                await site.KillServiceAsync();
            }
            else if (i % 40 == 30)
            {
                await site.StartServiceAsync();
            }
        }

        Assert.Equal(Enumerable.Repeat(1, Messages), await ReadingsAsync(site));
    }

    [RealServerFact(TestSite.Publisher)]
    public async Task Messages_OfQos2ToTheListener_AreReadOnceEach()
    {
        await using TestSite site = TestSite.WithoutBroker();
        await site.StartServiceAsync();
        DateTimeOffset at = DateTimeOffset.UtcNow.AddMinutes(-30);

        foreach (string version in (string[])["311", "5"])
        {
            await site.PublishAsync(
                Samples.Topic($"rig-{version}"), Enumerable.Range(0, 500).Select(i => Samples.Register(at.AddSeconds(i), 1_000m + i)), 2, version);
        }

        await site.WaitForMetricAsync("fleetmonitor_readings_total", 1_000);
        Assert.Equal(0, await site.MetricAsync("fleetmonitor_duplicates_total"));
        Books books = await site.BooksOnceAsync(books => books.Rows.Count >= 2);
        Assert.Equal((0.499m, 0.499m), (books.Of("site-1/rig-311").Register, books.Of("site-1/rig-5").Register));
    }

    private static async Task<int[]> ReadingsAsync(TestSite site)
    {
        var readings = new int[Messages];
        for (int i = 0; i < Messages; i++)
        {
            await site.WaitForMetricAsync("fleetmonitor_up", 1);
            string path = $"/api/v1/devices/site-1/rig-{i}/readings";
            string answer = await TryAsync(site, path);
            using JsonDocument document = JsonDocument.Parse(answer);
            readings[i] = document.RootElement.GetProperty("rows").EnumerateArray().Sum(row => row.GetProperty("readings").GetInt32());
        }

        return readings;
    }

    /// <summary>The last messages may still be on their way.</summary>
    private static async Task<string> TryAsync(TestSite site, string path)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                return await site.GetAsync(path);
            }
            catch (HttpRequestException) when (i < 100)
            {
                await Task.Delay(100);
            }
        }
    }
}
