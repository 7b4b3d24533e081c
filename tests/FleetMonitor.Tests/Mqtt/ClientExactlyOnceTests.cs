using FleetMonitor.Mqtt.Listener;
using FleetMonitor.Mqtt.Protocol;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

/// <summary>QoS 2 as it is received: PUBREC after durability, and nothing handed over twice.</summary>
public sealed class ClientExactlyOnceTests
{
    private const string Accepted5 = "20 03 00 00 00";
    private const string Accepted311 = "20 02 00 00";

    [Theory]
    [InlineData(MqttVersion.V5, Accepted5, "34 07 0001 61 0001 00 78")]
    [InlineData(MqttVersion.V311, Accepted311, "34 06 0001 61 0001 78")]
    public async Task Client_AnswersPubRecWhenToldTo_AndPubCompToPubRel(MqttVersion version, string connAck, string publish)
    {
        var fixture = new ClientFixture(version);
        await fixture.ConnectAsync(connAck);
        await fixture.Server.SendAsync(publish);
        Assert.Equal(["a x 1"], await fixture.NextBatchAsync());
        fixture.Server.ExpectSilence();

        fixture.Client.Acknowledge([1]);
        Assert.Equal((MqttPacketType.PubRec, (ushort)1), Key(await fixture.Server.ReceiveAsync()));

        await fixture.Server.SendAsync("62 02 0001");
        Assert.Equal((MqttPacketType.PubComp, (ushort)1), Key(await fixture.Server.ReceiveAsync()));
    }

    [Fact]
    public async Task Client_ToldTwiceBeforeTheRelease_HandsOverOnce()
    {
        var fixture = new ClientFixture();
        await fixture.ConnectAsync(Accepted5);
        await fixture.Server.SendAsync("34 07 0001 61 0001 00 78");
        await fixture.NextBatchAsync();
        fixture.Client.Acknowledge([1]);
        await fixture.Server.ReceiveAsync();

        await fixture.Server.SendAsync("3C 07 0001 61 0001 00 78");

        Assert.Equal((MqttPacketType.PubRec, (ushort)1), Key(await fixture.Server.ReceiveAsync()));
        Assert.Empty(fixture.Batches);
    }

    [Fact]
    public async Task Client_OnANewConnection_FinishesWhatAnOldOneBegan()
    {
        var fixture = new ClientFixture();
        await fixture.ConnectAsync(Accepted5);

        await fixture.Server.SendAsync("62 02 0009");

        var answer = await fixture.Server.ReceiveAsync();
        Assert.Equal((MqttPacketType.PubComp, (ushort)9, MqttReasonCode.Success), (answer.Type, answer.PacketId, answer.Reason));
    }

    private static (MqttPacketType Type, ushort Id) Key(MqttPacket packet) => (packet.Type, packet.PacketId);
}
