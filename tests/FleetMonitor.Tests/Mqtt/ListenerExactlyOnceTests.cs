using FleetMonitor.Mqtt.Listener;
using FleetMonitor.Mqtt.Protocol;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

/// <summary>QoS 2 as a listener receives it: PUBREC after durability, and nothing handed over twice.</summary>
public abstract class ListenerExactlyOnceTests : ListenerSuite
{
    internal ListenerExactlyOnceTests(ListenerTransport transport)
        : base(transport)
    {
    }

    [Theory]
    [InlineData(MqttVersion.V5, "34 07 0001 61 0001 00 78")]
    [InlineData(MqttVersion.V311, "34 06 0001 61 0001 78")]
    public async Task Listener_AnswersPubRecWhenTheHostSaysSo_AndPubCompToPubRel(MqttVersion version, string publish)
    {
        var fixture = new ListenerFixture(Transport);
        var (client, _) = await fixture.ConnectAsync("rig", version);
        await client.SendAsync(publish);
        var (connection, messages) = await fixture.NextBatchAsync();
        Assert.Equal(["a x"], messages);
        client.ExpectSilence();

        connection.Acknowledge([1]);
        Assert.Equal((MqttPacketType.PubRec, (ushort)1), Key(await client.ReceiveAsync()));

        await client.SendAsync("62 02 0001");
        Assert.Equal((MqttPacketType.PubComp, (ushort)1), Key(await client.ReceiveAsync()));
    }

    [Fact]
    public async Task Listener_ToldTwiceBeforeTheRelease_HandsOverOnce_AndAfterItAnew()
    {
        var fixture = new ListenerFixture(Transport) { AcknowledgeAtOnce = true };
        var (client, _) = await fixture.ConnectAsync("rig");
        await client.SendAsync("34 07 0001 61 0001 00 78");
        Assert.Equal(["a x"], await fixture.NextMessagesAsync());
        Assert.Equal(MqttPacketType.PubRec, (await client.ReceiveAsync()).Type);

        await client.SendAsync("3C 07 0001 61 0001 00 78");
        Assert.Equal(MqttPacketType.PubRec, (await client.ReceiveAsync()).Type);
        Assert.Empty(fixture.Batches);

        await client.SendAsync("62 02 0001");
        Assert.Equal(MqttPacketType.PubComp, (await client.ReceiveAsync()).Type);
        await client.SendAsync("34 07 0001 61 0001 00 79");
        Assert.Equal(["a y"], await fixture.NextMessagesAsync());
    }

    [Fact]
    public async Task Listener_ToldTwiceBeforeDurability_AnswersOnce()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, _) = await fixture.ConnectAsync("rig");
        await client.SendAsync("34 07 0001 61 0001 00 78 3C 07 0001 61 0001 00 78");
        var (connection, messages) = await fixture.NextBatchAsync();

        connection.Acknowledge([1]);

        Assert.Equal(["a x"], messages);
        Assert.Equal(MqttPacketType.PubRec, (await client.ReceiveAsync()).Type);
        client.ExpectSilence();
    }

    [Fact]
    public async Task Listener_RefusingAPublish_SaysSoInPubRec_AndForgetsIt()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, _) = await fixture.ConnectAsync("rig");

        await client.SendAsync("34 0B 0006 736563726574 0002 00");

        var refused = await client.ReceiveAsync();
        Assert.Equal((MqttPacketType.PubRec, MqttReasonCode.NotAuthorized), (refused.Type, refused.Reason));
        await client.SendAsync("62 02 0002");
        Assert.Equal(MqttReasonCode.PacketIdentifierNotFound, (await client.ReceiveAsync()).Reason);
        Assert.Empty(fixture.Batches);
    }

    [Theory]
    [InlineData(MqttVersion.V5, MqttReasonCode.PacketIdentifierNotFound)]
    [InlineData(MqttVersion.V311, MqttReasonCode.Success)]
    public async Task Listener_ReleasedWhatItDoesNotKnow_Answers(MqttVersion version, MqttReasonCode reason)
    {
        var fixture = new ListenerFixture(Transport);
        var (client, _) = await fixture.ConnectAsync("rig", version);

        await client.SendAsync("62 02 0007");

        var answer = await client.ReceiveAsync();
        Assert.Equal((MqttPacketType.PubComp, (ushort)7, reason), (answer.Type, answer.PacketId, answer.Reason));
    }

    [Fact]
    public async Task Listener_WithUnreleasedMessages_CountsThemAgainstReceiveMaximum()
    {
        var fixture = new ListenerFixture(Transport, new MqttListenerOptions { ReceiveMaximum = 2 }) { AcknowledgeAtOnce = true };
        var (client, _) = await fixture.ConnectAsync("rig");
        await client.SendAsync("34 06 0001 61 0001 00 34 06 0001 61 0002 00");
        Assert.Equal(MqttPacketType.PubRec, (await client.ReceiveAsync()).Type);
        Assert.Equal(MqttPacketType.PubRec, (await client.ReceiveAsync()).Type);

        await client.SendAsync("34 06 0001 61 0003 00");

        var goodbye = await client.ReceiveAsync();
        Assert.Equal((MqttPacketType.Disconnect, MqttReasonCode.ReceiveMaximumExceeded), (goodbye.Type, goodbye.Reason));
    }

    [Fact]
    public async Task Listener_Of311WithTooMuchUnderWay_ReadsOnForTheReleases()
    {
        var fixture = new ListenerFixture(Transport, new MqttListenerOptions { ReceiveMaximum = 1 }) { AcknowledgeAtOnce = true };
        var (client, _) = await fixture.ConnectAsync("rig", MqttVersion.V311);
        await client.SendAsync("34 05 0001 61 0001");
        Assert.Equal(MqttPacketType.PubRec, (await client.ReceiveAsync()).Type);
        await client.SendAsync("34 05 0001 61 0002");
        Assert.Equal(MqttPacketType.PubRec, (await client.ReceiveAsync()).Type);

        await client.SendAsync("62 02 0001 62 02 0002");

        Assert.Equal((MqttPacketType.PubComp, (ushort)1), Key(await client.ReceiveAsync()));
        Assert.Equal((MqttPacketType.PubComp, (ushort)2), Key(await client.ReceiveAsync()));
    }

    private static (MqttPacketType Type, ushort Id) Key(MqttPacket packet) => (packet.Type, packet.PacketId);
}
