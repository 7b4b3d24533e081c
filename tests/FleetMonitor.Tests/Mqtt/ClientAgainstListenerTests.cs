using FleetMonitor.Mqtt.Client;
using FleetMonitor.Mqtt.Listener;
using FleetMonitor.Mqtt.Protocol;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

public abstract class ClientAgainstListenerTests : ListenerSuite
{
    internal ClientAgainstListenerTests(ListenerTransport transport)
        : base(transport)
    {
    }

    private const int Seed = 20260702;

    [Theory]
    [InlineData(MqttVersion.V5)]
    [InlineData(MqttVersion.V311)]
    public async Task Publishes_ByTheThousand_AllArriveOnceInOrderAndAreAcknowledged(MqttVersion version)
    {
        const int count = 5000;
        var fixture = new ListenerFixture(Transport) { AcknowledgeAtOnce = true };
        var client = await ConnectAsync(fixture, version);

        var publishing = Enumerable.Range(0, count).Select(i => client.PublishAsync(
            "t"u8.ToArray(), System.Text.Encoding.UTF8.GetBytes($"{i}"), MqttQos.AtLeastOnce).AsTask()).ToArray();

        Assert.All(await Task.WhenAll(publishing), result => Assert.True(result.IsSuccess));
        Assert.Equal(
            Enumerable.Range(0, count).Select(i => $"t {i}"), fixture.Batches.SelectMany(batch => batch.Messages));
        await client.CloseAsync();
        await fixture.Listener.DisposeAsync();
    }

    [Fact]
    public async Task Listener_OnRandomBytesAfterConnect_AlwaysReturnsAndNeverFaults()
    {
        var random = new Random(Seed);
        var fixture = new ListenerFixture(Transport) { AcknowledgeAtOnce = true };
        for (var i = 0; i < 2000; i++)
        {
            var version = random.Next(2) == 0 ? MqttVersion.V311 : MqttVersion.V5;
            var (client, served) = fixture.Open(version);
            var bytes = new byte[random.Next(1, 64)];
            random.NextBytes(bytes);
            bytes[0] = (byte)(random.Next(1, 16) << 4 | random.Next(3));
            bytes[^1] = (byte)random.Next(8);
            if (bytes.Length > 2 && random.Next(2) == 0)
            {
                bytes[1] = (byte)(bytes.Length - 2);
            }

            await client.SendAsync([.. ListenerFixture.Connect("rig", version), .. bytes]);
            await client.CutAsync();
            await served.WaitAsync(TimeSpan.FromSeconds(10));
            Assert.True(served.IsCompletedSuccessfully, $"seed {Seed}, input {i}: {Convert.ToHexString(bytes)}");
        }

        Assert.Equal(0, fixture.Listener.Snapshot().Connections);
    }

    [Fact]
    public async Task Subscriber_OnTheListener_ReceivesAndAcknowledges()
    {
        var fixture = new ListenerFixture(Transport);
        var seen = new TaskCompletionSource<string>();
        var client = await ConnectAsync(fixture, MqttVersion.V5, (connection, batch, _) =>
        {
            connection.Acknowledge([batch.Span[0].PacketId]);
            seen.TrySetResult(System.Text.Encoding.UTF8.GetString(batch.Span[0].Topic.Span));
            return ValueTask.CompletedTask;
        });
        var granted = await client.SubscribeAsync([new("fleet/+/+/anomaly", MqttQos.AtLeastOnce)]);
        Assert.True(granted.AllGranted);

        fixture.Listener.Publish("fleet/s/r/anomaly"u8, "{}"u8, MqttQos.AtLeastOnce);

        Assert.Equal("fleet/s/r/anomaly", await seen.Task.WaitAsync(TimeSpan.FromSeconds(10)));
        await fixture.Listener.DisposeAsync();
        Assert.Equal(MqttCloseCause.ServerDisconnect, (await client.Completion).Cause);
    }

    private static async Task<MqttClientConnection> ConnectAsync(
        ListenerFixture fixture, MqttVersion version, MqttPublishesHandler? handler = null)
    {
        var (end, _) = fixture.Open(version);
        var client = new MqttClientConnection(
            end.Other,
            new MqttClientOptions { ClientId = "c", Version = version },
            handler ?? ((_, _, _) => ValueTask.CompletedTask),
            fixture.Time);
        var result = await client.ConnectAsync(CancellationToken.None);
        Assert.Equal(MqttConnectOutcome.Accepted, result.Outcome);
        return client;
    }
}
