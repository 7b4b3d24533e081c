using System.Text;
using FleetMonitor.Mqtt.Listener;
using FleetMonitor.Mqtt.Protocol;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

public abstract class ListenerSubscriptionTests : ListenerSuite
{
    internal ListenerSubscriptionTests(ListenerTransport transport)
        : base(transport)
    {
    }

    [Theory]
    [InlineData(MqttVersion.V5, "82 07 0001 00 0001 23 01")]
    [InlineData(MqttVersion.V311, "82 06 0001 0001 23 01")]
    public async Task Watcher_OfEverything_SeesWhatClientsAndHostPublish(MqttVersion version, string subscribe)
    {
        var fixture = new ListenerFixture(Transport) { AcknowledgeAtOnce = true };
        var (watcher, _) = await fixture.ConnectAsync("watcher", version);
        await watcher.SendAsync(subscribe);
        var ack = Assert.IsType<MqttSubscribeAck>((await watcher.ReceiveAsync()).Body);
        Assert.Equal([MqttReasonCode.GrantedQos1], ack.Reasons);
        var (rig, _) = await fixture.ConnectAsync("rig");

        await rig.SendAsync("30 05 0001 61 00 78 32 07 0001 62 0001 00 79");
        Assert.Equal("a x AtMostOnce", Describe(await watcher.ReceiveAsync()));
        Assert.Equal("b y AtLeastOnce", Describe(await watcher.ReceiveAsync()));
        fixture.Listener.Publish("alert"u8, "!"u8, MqttQos.AtLeastOnce);

        Assert.Equal("alert ! AtLeastOnce", Describe(await watcher.ReceiveAsync()));
        Assert.Equal(3, fixture.Listener.Snapshot().Delivered);
    }

    [Fact]
    public async Task Subscriptions_ThatCanNotBeGranted_NameTheReasonEach()
    {
        var fixture = new ListenerFixture(Transport, new MqttListenerOptions { MaximumSubscriptions = 2 });
        var (client, _) = await fixture.ConnectAsync("watcher");
        var deep = new string('/', 64);
        await client.SendAsync(Wire.Write(writer => MqttEncoder.WriteSubscribe(
            writer,
            MqttVersion.V5,
            new MqttSubscribe(1, [
                new("secret", MqttQos.AtMostOnce),
                new("$share/g/a", MqttQos.AtMostOnce),
                new(deep, MqttQos.AtMostOnce),
                new("a", MqttQos.ExactlyOnce),
                new("b", MqttQos.AtMostOnce),
                new("c", MqttQos.AtMostOnce),
                new("a", MqttQos.AtMostOnce),
            ]))));

        var ack = Assert.IsType<MqttSubscribeAck>((await client.ReceiveAsync()).Body);

        Assert.Equal(
            [
                MqttReasonCode.NotAuthorized,
                MqttReasonCode.SharedSubscriptionsNotSupported,
                MqttReasonCode.QuotaExceeded,
                MqttReasonCode.GrantedQos1,
                MqttReasonCode.Success,
                MqttReasonCode.QuotaExceeded,
                MqttReasonCode.Success,
            ],
            ack.Reasons);
    }

    [Fact]
    public async Task Unsubscribe_OfWhatWasSubscribed_StopsDelivery()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, _) = await fixture.ConnectAsync("watcher");
        await client.SendAsync("82 07 0001 00 0001 61 00");
        await client.ReceiveAsync();

        await client.SendAsync("A2 09 0002 00 0001 61 0001 62");

        var ack = Assert.IsType<MqttSubscribeAck>((await client.ReceiveAsync()).Body);
        Assert.Equal([MqttReasonCode.Success, MqttReasonCode.NoSubscriptionExisted], ack.Reasons);
        fixture.Listener.Publish("a"u8, "x"u8, MqttQos.AtMostOnce);
        Assert.Equal(0, fixture.Listener.Snapshot().Delivered);
    }

    [Fact]
    public async Task NoLocal_OnOnesOwnPublish_KeepsItFromComingBack()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, _) = await fixture.ConnectAsync("both");
        await client.SendAsync("82 07 0001 00 0001 61 04 82 07 0002 00 0001 62 00");
        await client.ReceiveAsync();
        await client.ReceiveAsync();

        await client.SendAsync("30 05 0001 61 00 78 30 05 0001 62 00 79");

        Assert.Equal("b y AtMostOnce", Describe(await client.ReceiveAsync()));
    }

    [Fact]
    public async Task Properties_OfAMessage_TravelOnWithoutItsAlias()
    {
        var fixture = new ListenerFixture(Transport);
        var (watcher, _) = await fixture.ConnectAsync("watcher");
        await watcher.SendAsync("82 07 0001 00 0001 61 00");
        await watcher.ReceiveAsync();
        var (rig, _) = await fixture.ConnectAsync("rig");

        await rig.SendAsync("30 0C 0001 61 07 23 0001 03 0001 74 78");

        var publish = (await watcher.ReceiveAsync()).Publish;
        Assert.Equal((0, "t"), (publish.TopicAlias, publish.Properties.Text(MqttPropertyId.ContentType)));
    }

    [Fact]
    public async Task Subscriber_WithAFullWindow_GetsTheRestAsItAcknowledges()
    {
        var fixture = new ListenerFixture(Transport);
        var (watcher, _) = await fixture.ConnectAsync(
            "watcher", properties: new MqttPropertyWriter().Add(MqttPropertyId.ReceiveMaximum, 1).Build());
        await watcher.SendAsync("82 07 0001 00 0001 61 01");
        await watcher.ReceiveAsync();
        fixture.Listener.Publish("a"u8, "1"u8, MqttQos.AtLeastOnce);
        fixture.Listener.Publish("a"u8, "2"u8, MqttQos.AtLeastOnce);
        var first = await watcher.ReceiveAsync();
        watcher.ExpectSilence();

        await watcher.SendAsync($"40 02 {first.Publish.PacketId:X4}");

        Assert.Equal("a 2 AtLeastOnce", Describe(await watcher.ReceiveAsync()));
    }

    [Fact]
    public async Task Subscriber_ThatTakesNothing_LosesMessagesAndCostsNoMoreMemory()
    {
        var fixture = new ListenerFixture(Transport, new MqttListenerOptions { SubscriberBacklog = 10_000 });
        var (watcher, _) = await fixture.ConnectAsync("watcher");
        await watcher.SendAsync("82 07 0001 00 0001 61 01");
        await watcher.ReceiveAsync();
        var payload = new byte[1000];

        for (var i = 0; i < 20_000; i++)
        {
            fixture.Listener.Publish("a"u8, payload, MqttQos.AtLeastOnce);
        }

        // The backlog holds ten of them.
        var counters = fixture.Listener.Snapshot();
        Assert.Equal(20_000, counters.Delivered + counters.Dropped);
        Assert.InRange(counters.Delivered, 9, 10 + (Transport.Holds / payload.Length));
    }

    [Fact]
    public async Task Message_LargerThanTheSubscriberTakes_IsDroppedForIt()
    {
        var fixture = new ListenerFixture(Transport);
        var (watcher, _) = await fixture.ConnectAsync(
            "watcher", properties: new MqttPropertyWriter().Add(MqttPropertyId.MaximumPacketSize, 50).Build());
        await watcher.SendAsync("82 07 0001 00 0001 61 00");
        await watcher.ReceiveAsync();

        fixture.Listener.Publish("a"u8, new byte[50], MqttQos.AtMostOnce);

        Assert.Equal(1, fixture.Listener.Snapshot().Dropped);
    }

    [Fact]
    public async Task Subscriber_ThatLeft_IsForgotten()
    {
        var fixture = new ListenerFixture(Transport);
        var (watcher, served) = await fixture.ConnectAsync("watcher");
        await watcher.SendAsync("82 07 0001 00 0001 61 00");
        await watcher.ReceiveAsync();
        await watcher.CutAsync();
        await served;

        fixture.Listener.Publish("a"u8, "x"u8, MqttQos.AtMostOnce);

        var counters = fixture.Listener.Snapshot();
        Assert.Equal((0L, 0L), (counters.Delivered, counters.Dropped));
    }

    private static string Describe(MqttPacket packet) =>
        $"{Encoding.UTF8.GetString(packet.Publish.Topic.Span)} {Encoding.UTF8.GetString(packet.Publish.Payload.Span)} "
        + packet.Publish.Qos;
}
