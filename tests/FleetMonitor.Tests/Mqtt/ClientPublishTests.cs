using FleetMonitor.Mqtt.Client;
using FleetMonitor.Mqtt.Protocol;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

public sealed class ClientPublishTests
{
    private const string Accepted = "20 03 00 00 00";
    private const string AcceptedTwoInflight = "20 06 00 00 03 21 0002";

    private static readonly byte[] Topic = "a"u8.ToArray();

    [Fact]
    public async Task Publish_OfQos0_CompletesAtHandOver()
    {
        var fixture = new ClientFixture();
        await fixture.ConnectAsync(Accepted);

        var result = await fixture.Client.PublishAsync(Topic, "x"u8.ToArray(), MqttQos.AtMostOnce);

        Assert.Equal(MqttPublishOutcome.Sent, result.Outcome);
        Assert.Equal("x"u8.ToArray(), (await fixture.Server.ReceiveAsync()).Publish.Payload.ToArray());
    }

    [Fact]
    public async Task Publishes_OfQos0ToASlowServer_WaitInsteadOfPilingUp()
    {
        var fixture = new ClientFixture();
        await fixture.ConnectAsync(Accepted);
        var payload = new byte[10_000];

        // The transport takes some 64 KiB and the connection some 256 KiB; a megabyte is more than both.
        var sending = Enumerable.Range(0, 100)
            .Select(_ => fixture.Client.PublishAsync(Topic, payload, MqttQos.AtMostOnce).AsTask()).ToArray();

        Assert.InRange(sending.Count(task => task.IsCompleted), 20, 60);
        for (var i = 0; i < sending.Length; i++)
        {
            Assert.Equal(payload.Length, (await fixture.Server.ReceiveAsync()).Publish.Payload.Length);
        }

        Assert.All(await Task.WhenAll(sending), result => Assert.Equal(MqttPublishOutcome.Sent, result.Outcome));
    }

    [Fact]
    public async Task Publish_OfQos1_CompletesWithTheServersReason()
    {
        var fixture = new ClientFixture();
        await fixture.ConnectAsync(Accepted);
        var taken = fixture.Client.PublishAsync(Topic, "x"u8.ToArray(), MqttQos.AtLeastOnce);
        var refused = fixture.Client.PublishAsync(Topic, "y"u8.ToArray(), MqttQos.AtLeastOnce);
        Assert.Equal(1, (await fixture.Server.ReceiveAsync()).Publish.PacketId);
        Assert.Equal(2, (await fixture.Server.ReceiveAsync()).Publish.PacketId);
        Assert.False(taken.IsCompleted);

        await fixture.Server.SendAsync("40 03 0001 10 40 03 0002 87");

        Assert.Equal(new(MqttPublishOutcome.Acknowledged, MqttReasonCode.NoMatchingSubscribers), await taken);
        Assert.Equal(new(MqttPublishOutcome.Refused, MqttReasonCode.NotAuthorized), await refused);
    }

    [Fact]
    public async Task Publishes_BeyondTheServersReceiveMaximum_WaitForAnAck()
    {
        var fixture = new ClientFixture();
        await fixture.ConnectAsync(AcceptedTwoInflight);
        var first = fixture.Client.PublishAsync(Topic, "1"u8.ToArray(), MqttQos.AtLeastOnce);
        _ = fixture.Client.PublishAsync(Topic, "2"u8.ToArray(), MqttQos.AtLeastOnce).AsTask();
        _ = fixture.Client.PublishAsync(Topic, "3"u8.ToArray(), MqttQos.AtLeastOnce).AsTask();
        await fixture.Server.ReceiveAsync();
        var second = await fixture.Server.ReceiveAsync();
        fixture.Server.ExpectSilence();

        await fixture.Server.SendAsync($"40 02 {second.Publish.PacketId:X4}");

        var third = await fixture.Server.ReceiveAsync();
        Assert.Equal("3"u8.ToArray(), third.Publish.Payload.ToArray());
        Assert.False(first.IsCompleted);
    }

    [Fact]
    public async Task Publishes_UnderWayAtTheClose_EndAsUnknown()
    {
        var fixture = new ClientFixture();
        await fixture.ConnectAsync(AcceptedTwoInflight);
        var results = Enumerable.Range(0, 3)
            .Select(_ => fixture.Client.PublishAsync(Topic, Topic, MqttQos.AtLeastOnce).AsTask()).ToArray();

        await fixture.Server.CutAsync();

        Assert.All(await Task.WhenAll(results), r => Assert.Equal(MqttPublishOutcome.ConnectionClosed, r.Outcome));
        await fixture.Client.Completion;
        var late = await fixture.Client.PublishAsync(Topic, Topic, MqttQos.AtMostOnce);
        Assert.Equal(MqttPublishOutcome.ConnectionClosed, late.Outcome);
    }

    [Theory]
    [InlineData("a/#", 1, true, 1, MqttReasonCode.TopicNameInvalid)]
    [InlineData("a", 1, false, 1, MqttReasonCode.QosNotSupported)]
    [InlineData("a", 0, true, 1, MqttReasonCode.RetainNotSupported)]
    [InlineData("a", 0, false, 100, MqttReasonCode.PacketTooLarge)]
    public async Task Publish_ThatTheServerCanNotTake_IsNotSent(
        string topic, int qos, bool retain, int size, MqttReasonCode reason)
    {
        var fixture = new ClientFixture();

        // Maximum QoS 0, Retain Available 0, Maximum Packet Size 100.
        await fixture.ConnectAsync("20 0C 00 00 09 24 00 25 00 27 00000064");

        var result = await fixture.Client.PublishAsync(
            System.Text.Encoding.UTF8.GetBytes(topic), new byte[size], (MqttQos)qos, retain);

        Assert.Equal(new(MqttPublishOutcome.NotSupported, reason), result);
        fixture.Server.ExpectSilence();
    }

    [Fact]
    public async Task Subscribe_InVersion5_SurfacesAReasonAFilterAndAsksForNoKeptMessages()
    {
        var fixture = new ClientFixture();
        await fixture.ConnectAsync(Accepted);
        var subscribing = fixture.Client.SubscribeAsync(
            [new("a/#", MqttQos.AtLeastOnce), new("b", MqttQos.AtMostOnce)]);
        var sent = Assert.IsType<MqttSubscribe>((await fixture.Server.ReceiveAsync()).Body);
        Assert.All(sent.Subscriptions, s => Assert.Equal(
            (true, MqttRetainHandling.DoNotSend), (s.RetainAsPublished, s.RetainHandling)));

        await fixture.Server.SendAsync($"90 05 {sent.PacketId:X4} 00 01 87");

        var result = await subscribing;
        Assert.Equal([MqttReasonCode.GrantedQos1, MqttReasonCode.NotAuthorized], result.Reasons);
        Assert.False(result.AllGranted);
    }

    [Fact]
    public async Task Subscribe_UnansweredAtTheClose_SaysSo()
    {
        var fixture = new ClientFixture();
        await fixture.ConnectAsync(Accepted);
        var unsubscribing = fixture.Client.UnsubscribeAsync(["a"]);

        await fixture.Server.CutAsync();

        Assert.False((await unsubscribing).Answered);
    }
}
