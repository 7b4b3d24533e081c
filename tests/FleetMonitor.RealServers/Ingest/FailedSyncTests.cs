using System.Globalization;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Ingest;

/// <summary>
/// A disk that fails a sync: what was written may be gone although a second try succeeds, so that the service stops and acknowledges nothing
/// more. The kernel's answer is forged by strace.
/// </summary>
[Collection(BusyCollection.Name)]
public sealed class FailedSyncTests
{
    private const string Tracer = "strace";
    private const int FirstToFail = 40;
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    [RealServerFact(Tracer)]
    public async Task Service_WhoseSyncFails_StopsAndHasAcknowledgedNothingThatIsNotSafe()
    {
        await using TestSite site = TestSite.WithoutBroker();
        await using ChildProcess service = ChildProcess.Start(
            Programs.Require(Tracer),
            [
                "-D", "-f", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e",
                string.Create(CultureInfo.InvariantCulture, $"inject=fsync,fdatasync:error=EIO:when={FirstToFail}+"),
                Tool.Binary, .. site.ServiceArguments(site.Ledger),
            ]);
        await service.WaitForAsync("FleetMonitor serves", Tool.Patience);
        int acknowledged = 0;
        await using (RawMqtt rig = await RawMqtt.ConnectAsync(site.MqttPort, "rig-1"))
        {
            try
            {
                for (; acknowledged < 10_000; acknowledged++)
                {
                    await rig.PublishAsync(Samples.Topic("rig-1"), Reading(acknowledged));
                    await rig.FlushAsync();
                }
            }
            catch (IOException)
            {
                // The service is gone.
            }
        }

        Assert.InRange(acknowledged, 1, 9_999);
        await service.WaitForAsync("The ledger failed; stopping", Tool.Patience);
        Assert.Equal(1, (await service.EndAsync(Tool.Patience)).ExitCode);

        await site.StartServiceAsync();
        decimal kept = (await site.BooksAsync()).Of("site-1/rig-1").Register;
        Assert.InRange(kept, 0.001m * (acknowledged - 1), 0.001m * acknowledged);
        await using (RawMqtt rig = await RawMqtt.ConnectAsync(site.MqttPort, "rig-1"))
        {
            // The rig sends again what was not answered, and goes on.
            await rig.PublishAsync(Samples.Topic("rig-1"), Reading(acknowledged));
            await rig.PublishAsync(Samples.Topic("rig-1"), Reading(acknowledged + 1));
            await rig.FlushAsync();
        }

        Assert.Equal(0.001m * (acknowledged + 1), (await site.BooksAsync()).Of("site-1/rig-1").Register);
        Assert.Equal(0, (await site.StopServiceAsync()).ExitCode);
        Counts.Write("sync", ("acknowledged", acknowledged), ("lost", 0));
    }

    /// <summary>One watt-hour more, a second later.</summary>
    private static string Reading(int index) => Samples.Register(Now.AddSeconds(index - 20_000), 1_000m + index);
}
