using FleetMonitor.Mqtt.Listener;
using FleetMonitor.Mqtt.Protocol;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

/// <summary>What only a real socket does: bytes in pieces, no room for answers, resets.</summary>
public sealed class EpollConnectionTests() : ListenerSuite(new ListenerTransport.Sockets())
{
    [Fact]
    public async Task Packet_ByteByByte_IsTakenWhole()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, _) = await fixture.ConnectAsync("rig");

        foreach (byte one in Wire.Hex("30 05 0001 61 00 78"))
        {
            await client.SendAsync([one]);
            await Task.Yield();
        }

        Assert.Equal(["a x"], await fixture.NextMessagesAsync());
    }

    [Fact]
    public async Task Packet_LargerThanARead_IsTakenWhole_WithWhatFollowsIt()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, _) = await fixture.ConnectAsync("rig");
        byte[] payload = [.. Enumerable.Repeat((byte)'x', 200_000)];

        await client.SendAsync([
            .. Wire.Write(writer => MqttEncoder.WritePublish(writer, MqttVersion.V5, "a"u8, payload, MqttQos.AtMostOnce, 0, false)),
            .. Wire.Hex("30 05 0001 62 00 79"),
        ]);

        var messages = new List<string>();
        while (messages.Count < 2)
        {
            messages.AddRange(await fixture.NextMessagesAsync());
        }

        Assert.Equal([$"a {new string('x', 200_000)}", "b y"], messages);
    }

    [Fact]
    public async Task Subscriber_ThatReadsLate_GetsEverything()
    {
        const int Count = 100;
        var fixture = new ListenerFixture(Transport, new MqttListenerOptions { SubscriberBacklog = 16 * 1024 * 1024 });
        var (client, _) = await fixture.ConnectAsync("watcher");
        await client.SendAsync("82 07 0001 00 0001 61 00");
        Assert.Equal(MqttPacketType.SubAck, (await client.ReceiveAsync()).Type);

        // More than the system keeps for it.
        for (int i = 0; i < Count; i++)
        {
            fixture.Listener.Publish("a"u8, new byte[100_000 + i], MqttQos.AtMostOnce);
        }

        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(100_000 + i, (await client.ReceiveAsync()).Publish.Payload.Length);
        }

        Assert.Equal(0, fixture.Listener.Snapshot().Dropped);
    }

    [Fact]
    public async Task Client_ThatResets_IsGoneAndItsWillPublished()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, served) = await fixture.ConnectAsync(
            "rig", will: new MqttWill("w"u8.ToArray(), "off"u8.ToArray(), MqttQos.AtLeastOnce, false));

        await client.BreakAsync();

        Assert.Equal(["w off"], await fixture.NextMessagesAsync());
        await served.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task LastWords_BeforeTheEnd_AreTaken()
    {
        var fixture = new ListenerFixture(Transport);
        var (client, served) = fixture.Open();

        await client.SendAsync([.. ListenerFixture.Connect("rig"), .. Wire.Hex("30 05 0001 61 00 78")]);
        await client.CutAsync();

        Assert.Equal(["a x"], await fixture.NextMessagesAsync());
        await served.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
