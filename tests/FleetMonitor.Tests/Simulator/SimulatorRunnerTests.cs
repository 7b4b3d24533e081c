using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Mqtt;
using FleetMonitor.Service.Simulator;
using Xunit;

namespace FleetMonitor.Tests.Simulator;

public class SimulatorRunnerTests
{
    [Fact]
    public async Task Run_ThroughLostConnections_GetsEveryMessageAcknowledged_SendingTheSameBytesAgain()
    {
        await using var broker = new ForgetfulBroker((20, 12), (3, 0), (30, 30));
        SimulatedFleet fleet = Fleet(rigs: 10);
        SimulatorSummary summary = await RunAsync(fleet, broker.Port, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(4));

        // A machine that is busy may make it skip a reading, but never lose one. More than the broker took before it hung up for the last time.
        Assert.True(summary.IsComplete, summary.Failure);
        Assert.True(summary.Messages > 20 + 3 + 30, $"{summary}");
        Assert.Equal(summary.Messages, summary.Acknowledged);
        Assert.True(summary.Resent >= 11, $"{summary}");
        (string Topic, string Payload)[] distinct = [.. broker.Arrived.Distinct()];
        Assert.Equal(summary.Messages, distinct.Length);
        Assert.Equal(summary.Messages, broker.Acknowledged.Count);
        Assert.Equal(summary.Messages, distinct.Select(message => (message.Topic, message.Payload[..32])).Distinct().Count());
    }

    [Fact]
    public async Task Run_WithDuplicatesAndDelays_SendsTwiceAndAllTheSame()
    {
        await using var broker = new ForgetfulBroker();
        Instant start = Instant.From(TimeProvider.System.GetUtcNow());
        SimulatedFleet fleet = Fleet(
            rigs: 2,
            start,
            new Fault(FaultKind.Duplicate, 0, start.Minus(TimeSpan.FromSeconds(1)), Fault.Never, TimeSpan.Zero),
            new Fault(FaultKind.Delay, 1, start.Minus(TimeSpan.FromSeconds(1)), Fault.Never, TimeSpan.FromHours(1)));
        SimulatorSummary summary = await RunAsync(fleet, broker.Port, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(300));

        Assert.True(summary.IsComplete, summary.Failure);
        (string Topic, string Payload)[] arrived = [.. broker.Arrived];
        int twice = arrived.Count(message => message.Topic == "fleet/site-1/rig-1/telemetry");
        Assert.True(twice >= 2 && arrived.Length > twice, $"{summary}");

        // What was still delayed at the end is sent then: after everything else, once.
        Assert.All(arrived[..twice].Chunk(2), pair => Assert.Equal(pair[0], pair[1]));
        Assert.All(arrived[twice..], message => Assert.Equal("fleet/site-1/rig-2/telemetry", message.Topic));
        Assert.Equal((twice / 2) + arrived.Length - twice, arrived.Distinct().Count());
    }

    [Fact]
    public async Task Run_FlatOut_NeverStampsADeviceTwiceAlike()
    {
        await using var broker = new ForgetfulBroker();
        SimulatedFleet fleet = Fleet(rigs: 3);
        SimulatorSummary summary = await RunAsync(fleet, broker.Port, TimeSpan.Zero, TimeSpan.FromMilliseconds(150));

        Assert.True(summary.IsComplete, summary.Failure);
        Assert.True(summary.Messages >= 6);
        Assert.Equal(broker.Arrived.Count, broker.Arrived.Select(message => (message.Topic, message.Payload[..40])).Distinct().Count());
    }

    [Fact]
    public async Task Run_Stopped_EndsWithWhatIsAcknowledged()
    {
        await using var broker = new ForgetfulBroker();
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        SimulatorSummary summary = await RunAsync(Fleet(rigs: 4), broker.Port, TimeSpan.FromMilliseconds(50), null, stop.Token);

        Assert.True(summary.IsComplete, summary.Failure);
        Assert.True(summary.Messages > 0);
    }

    private static Task<SimulatorSummary> RunAsync(
        SimulatedFleet fleet, int port, TimeSpan interval, TimeSpan? duration, CancellationToken stop = default)
    {
        var options = new SimulatorOptions
        {
            Broker = new BrokerAddress("127.0.0.1", port, Tls: false),
            Interval = interval,
            Connections = 1,
            Duration = duration,
            ClientIdPrefix = "test",
        };
        return new SimulatorRunner(fleet, options, TimeProvider.System, _ => { }).RunAsync(stop).WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static SimulatedFleet Fleet(int rigs) => Fleet(rigs, Instant.From(TimeProvider.System.GetUtcNow()));

    private static SimulatedFleet Fleet(int rigs, Instant start, params Fault[] faults) =>
        new(new SimulatedFleetOptions { Rigs = rigs, Start = start, TimeZone = TimeZoneInfo.Utc, Faults = faults });
}
