using FleetMonitor.Mqtt.Listener;
using FleetMonitor.Mqtt.Protocol;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

public abstract class ListenerPublishTests : ListenerSuite
{
    internal ListenerPublishTests(ListenerTransport transport)
        : base(transport)
    {
    }

    [Theory]
    [InlineData(MqttVersion.V5, "32 07 0001 61 0001 00 78 32 07 0001 62 0002 00 79")]
    [InlineData(MqttVersion.V311, "32 06 0001 61 0001 78 32 06 0001 62 0002 79")]
    public async Task Publishes_OfQos1_AreAcknowledgedWhenTheHostSaysSo(MqttVersion version, string hex)
    {
        var fixture = new ListenerFixture(Transport);
        var (client, _) = await fixture.ConnectAsync("rig", version);
        await client.SendAsync(hex);
        var (connection, messages) = await fixture.NextBatchAsync();
        Assert.Equal(["a x", "b y"], messages);
        client.ExpectSilence();

        connection.Acknowledge([1, 2]);

        Assert.Equal((MqttPacketType.PubAck, (ushort)1), Key(await client.ReceiveAsync()));
        Assert.Equal((MqttPacketType.PubAck, (ushort)2), Key(await client.ReceiveAsync()));
    }

    [Fact]
    public async Task Acknowledge_AfterTheEnd_SendsNothing()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, served) = await fixture.ConnectAsync("rig");
        await client.SendAsync("32 07 0001 61 0001 00 78 E0 00");
        var (connection, _) = await fixture.NextBatchAsync();
        await served;

        connection.Acknowledge([1]);

        await client.ExpectEndAsync();
    }

    [Fact]
    public async Task Publishes_SentBehindConnectWithoutWaiting_AreTaken()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, _) = fixture.Open();

        await client.SendAsync([.. ListenerFixture.Connect("rig"), .. Wire.Hex("30 05 0001 61 00 78")]);

        Assert.Equal(["a x"], await fixture.NextMessagesAsync());
    }

    [Fact]
    public async Task Publish_NotAllowedIn5_IsRefusedInItsTurn()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, _) = await fixture.ConnectAsync("rig");
        await client.SendAsync(
            "32 07 0001 61 0001 00 78 32 0B 0006 736563726574 0002 00 32 07 0001 62 0003 00 79");
        var (connection, messages) = await fixture.NextBatchAsync();
        Assert.Equal(["a x", "b y"], messages);
        client.ExpectSilence();

        connection.Acknowledge([1, 3]);

        Assert.Equal(MqttReasonCode.Success, (await client.ReceiveAsync()).Reason);
        var refused = await client.ReceiveAsync();
        Assert.Equal((2, MqttReasonCode.NotAuthorized), (refused.PacketId, refused.Reason));
        Assert.Equal(3, (await client.ReceiveAsync()).PacketId);
        Assert.Equal(1, fixture.Refused(MqttRefusal.Publish, MqttReasonCode.NotAuthorized));
    }

    [Fact]
    public async Task Publish_NotAllowedIn311_ClosesInsteadOfPromising()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, served) = await fixture.ConnectAsync("rig", MqttVersion.V311);

        await client.SendAsync("32 0A 0006 736563726574 0002");

        await client.ExpectEndAsync();
        await served;
        Assert.Empty(fixture.Batches);
    }

    [Theory]
    [InlineData("a PUBREL before its PUBREC", "34 06 0001 61 0001 00 62 02 0001", MqttReasonCode.ProtocolError)]
    [InlineData("an alias above the maximum", "30 07 0001 61 03 23 0011", MqttReasonCode.TopicAliasInvalid)]
    [InlineData("an alias never given", "30 06 0000 03 23 0001", MqttReasonCode.ProtocolError)]
    [InlineData("a server's property", "30 06 0001 61 02 0B 01", MqttReasonCode.ProtocolError)]
    [InlineData("an unasked PUBACK", "40 02 0001", MqttReasonCode.ProtocolError)]
    [InlineData("a PINGRESP", "D0 00", MqttReasonCode.ProtocolError)]
    [InlineData("AUTH", "F0 00", MqttReasonCode.ProtocolError)]
    [InlineData("a packet above the limit", "30 FFFF7F", MqttReasonCode.PacketTooLarge)]
    [InlineData(
        "a subscription identifier", "82 09 0001 02 0B 01 0001 61 00",
        MqttReasonCode.SubscriptionIdentifiersNotSupported)]
    [InlineData(
        "more than Receive Maximum", "32 06 0001 61 0001 00 32 06 0001 61 0002 00 32 06 0001 61 0003 00",
        MqttReasonCode.ReceiveMaximumExceeded)]
    public async Task Client_ThatBreaksTheRulesIn5_IsToldWhyAndCounted(string what, string hex, MqttReasonCode reason)
    {
        var fixture = new ListenerFixture(Transport, new MqttListenerOptions { ReceiveMaximum = 2 });
        var (client, served) = await fixture.ConnectAsync("rig");

        await client.SendAsync(hex);

        var goodbye = await client.ReceiveAsync();
        Assert.Equal((what, MqttPacketType.Disconnect, reason), (what, goodbye.Type, goodbye.Reason));
        await client.ExpectEndAsync();
        await served;
        Assert.Equal(1, fixture.Refused(MqttRefusal.Protocol, reason));
    }

    [Fact]
    public async Task RetainedPublish_In311_IsTakenAsLive()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, _) = await fixture.ConnectAsync("rig", MqttVersion.V311);

        await client.SendAsync("31 04 0001 61 78");

        Assert.Equal(["a x"], await fixture.NextMessagesAsync());
    }

    [Fact]
    public async Task Client_Of311WithTooMuchUnderWay_IsNotReadFromUntilAcknowledged()
    {
        var fixture = new ListenerFixture(Transport, new MqttListenerOptions { ReceiveMaximum = 1 });
        var (client, _) = await fixture.ConnectAsync("rig", MqttVersion.V311);
        await client.SendAsync("32 06 0001 61 0001 78");
        var (connection, _) = await fixture.NextBatchAsync();
        await client.SendAsync("32 06 0001 62 0002 79");
        client.ExpectSilence();
        Assert.Empty(fixture.Batches);

        connection.Acknowledge([1]);

        Assert.Equal(["b y"], await fixture.NextMessagesAsync());
    }

    [Fact]
    public async Task Host_NotDone_HoldsUpReadingAndKeepsTheClientAlive()
    {
        var fixture = new ListenerFixture(Transport);
        var hold = new TaskCompletionSource();
        fixture.Hold = hold.Task;
        var (client, served) = await fixture.ConnectAsync("rig", keepAlive: 10);
        await client.SendAsync("30 05 0001 61 00 78");
        await fixture.NextBatchAsync();
        await client.SendAsync("30 05 0001 62 00 79");

        fixture.Time.Advance(TimeSpan.FromMinutes(1));

        Assert.Empty(fixture.Batches);
        hold.SetResult();
        Assert.Equal(["b y"], await fixture.NextMessagesAsync());
        Assert.False(served.IsCompleted);
    }

    [Fact]
    public async Task Host_ThatThrows_EndsTheConnectionAndSurfacesTheBug()
    {
        var fixture = new ListenerFixture(Transport) { Hold = Task.FromException(new FormatException("bug")) };
        var (client, served) = await fixture.ConnectAsync("rig");

        await client.SendAsync("30 05 0001 61 00 78");

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => served);
        Assert.IsType<FormatException>(exception.InnerException);
        Assert.Equal(MqttReasonCode.ImplementationSpecificError, (await client.ReceiveAsync()).Reason);
    }

    [Fact]
    public async Task TopicAlias_GivenOnce_StandsForItsTopic()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, _) = await fixture.ConnectAsync("rig");

        await client.SendAsync("30 08 0001 61 03 23 0010 78 30 07 0000 03 23 0010 79");

        Assert.Equal(["a x", "a y"], await fixture.NextMessagesAsync());
    }

    private static (MqttPacketType Type, ushort Id) Key(MqttPacket packet) => (packet.Type, packet.PacketId);
}
