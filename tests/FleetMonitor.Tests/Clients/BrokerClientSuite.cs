using System.Text;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Telemetry.Sources;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace FleetMonitor.Tests.Clients;

/// <summary>What every MQTT client keeps to, over the loopback, against a broker whose every byte the test says.</summary>
/// <param name="client">As in <c>Mqtt:Client</c>.</param>
public abstract partial class BrokerClientSuite(string client) : IDisposable
{
    private readonly Receiver _receiver = new();

    private ScriptedBroker Broker { get; set; } = new();

    [Fact]
    public async Task Connect_Says_WhatTheLoginSays()
    {
        Task<BrokerAttempt> connecting = ConnectAsync(login => login with { UserName = "me", Password = "secret", SessionExpiry = TimeSpan.FromDays(7) });
        using ScriptedBroker.Peer peer = await Broker.AcceptAsync();
        var connect = Assert.IsType<MqttConnect>((await peer.ReceiveAsync()).Body);

        Assert.Equal((MqttVersion.V5, "site-1", false, 30), (connect.Version, connect.ClientId, connect.CleanStart, connect.KeepAlive));
        Assert.Equal(("me", "secret"), (connect.UserName, Encoding.UTF8.GetString(connect.Password!.Value.Span)));
        Assert.Equal(7u * 86_400, connect.Properties.Number(MqttPropertyId.SessionExpiryInterval));
        Assert.Equal(100u, connect.Properties.Number(MqttPropertyId.ReceiveMaximum));
        Assert.Equal(1_048_576u, connect.Properties.Number(MqttPropertyId.MaximumPacketSize));
        await peer.SendAsync(peer.ConnAck());
        await using var link = new Link((await connecting).Connection!, peer);
        Assert.False(link.Connection.SessionPresent);
    }

    [Fact]
    public async Task Connect_In311_KeepsTheSessionToo()
    {
        Use(new ScriptedBroker(MqttVersion.V311));
        Task<BrokerAttempt> connecting = ConnectAsync();
        using ScriptedBroker.Peer peer = await Broker.AcceptAsync();
        var connect = Assert.IsType<MqttConnect>((await peer.ReceiveAsync()).Body);

        Assert.Equal((MqttVersion.V311, "site-1", false), (connect.Version, connect.ClientId, connect.CleanStart));
        await peer.SendAsync(peer.ConnAck(sessionPresent: true));
        await using var link = new Link((await connecting).Connection!, peer);
        Assert.True(link.Connection.SessionPresent);
    }

    [Fact]
    public async Task Backlog_SentTogetherWithConnAck_IsReceived()
    {
        Task<BrokerAttempt> connecting = ConnectAsync();
        using ScriptedBroker.Peer peer = await Broker.AcceptAsync();
        await peer.ReceiveAsync();
        await peer.SendAsync(peer.ConnAck(sessionPresent: true), peer.Publish(1, "a"), peer.Publish(2, "b", duplicate: true));

        Taken first = await _receiver.NextAsync();
        Taken second = await _receiver.NextAsync();
        Assert.Equal(("t", "a", 1, false, false), (first.Topic, first.Payload, first.PacketId, first.Redelivered, first.DeliveredAsRetained));
        Assert.Equal(("b", 2, true), (second.Payload, second.PacketId, second.Redelivered));
        await using var link = new Link((await connecting).Connection!, peer);
        Assert.True(link.Connection.SessionPresent);
    }

    [Fact]
    public async Task Acknowledgements_GoOutOnlyWhenGiven_InTheOrderGiven()
    {
        await using Link link = await OpenAsync();
        await link.Peer.SendAsync(link.Peer.Publish(7, "a"), link.Peer.Publish(8, "b"), link.Peer.Publish(9, "c"), link.Peer.Publish(0, "d"));
        Taken[] messages = [await _receiver.NextAsync(), await _receiver.NextAsync(), await _receiver.NextAsync(), await _receiver.NextAsync()];

        // Received, and not answered: the next thing that the broker hears is something else.
        await PublishAsync(link);
        messages[0].Acknowledger.Acknowledge([7, 8]);
        messages[2].Acknowledge();

        Assert.Equal([7, 8, 9], await PubAcksAsync(link.Peer, 3));
    }

    [Fact]
    public async Task Acknowledgement_OfAnEndedConnection_DoesNotGoOutOnANewerOne()
    {
        Taken stale;
        await using (Link old = await OpenAsync())
        {
            await old.Peer.SendAsync(old.Peer.Publish(1, "a"));
            stale = await _receiver.NextAsync();
            old.Peer.Dispose();
            await old.Connection.Completion.WaitAsync(ScriptedBroker.Patience);
        }

        await using Link link = await OpenAsync(sessionPresent: true);
        await link.Peer.SendAsync(link.Peer.Publish(1, "another"));
        Taken fresh = await _receiver.NextAsync();
        stale.Acknowledge();

        await PublishAsync(link);
        fresh.Acknowledge();
        Assert.Equal([1], await PubAcksAsync(link.Peer, 1));
    }

    [Fact]
    public async Task Acknowledgements_GivenBeforeTheClose_GoOutBeforeIt()
    {
        await using Link link = await OpenAsync();
        await link.Peer.SendAsync(link.Peer.Publish(1, "a"), link.Peer.Publish(2, "b"));
        Taken first = await _receiver.NextAsync();
        Taken second = await _receiver.NextAsync();

        first.Acknowledge();
        second.Acknowledge();
        Task closing = Task.Run(async () => await link.Connection.DisposeAsync());

        Assert.Equal([1, 2], await PubAcksAsync(link.Peer, 2));
        Assert.Equal(MqttPacketType.Disconnect, (await link.Peer.ReceiveAsync()).Type);
        link.Peer.Dispose();
        await closing.WaitAsync(ScriptedBroker.Patience);
        Assert.Equal("Closed by us.", await link.Connection.Completion);
    }

    [Fact]
    public async Task Subscription_AsksForQos1_AndForNoKeptMessages()
    {
        await using Link link = await OpenAsync();
        Task<IReadOnlyList<string?>> subscribing = link.Connection.SubscribeAsync(["a/+/b", "c/#", "d"]);
        MqttSubscribe subscribe = await link.Peer.AnswerAsync<MqttSubscribe>(MqttReasonCode.GrantedQos1, MqttReasonCode.Success, MqttReasonCode.NotAuthorized);

        Assert.Equal(
            [.. ((string[])["a/+/b", "c/#", "d"]).Select(filter => new MqttSubscription(filter, MqttQos.AtLeastOnce, false, true, MqttRetainHandling.DoNotSend))],
            subscribe.Subscriptions);
        IReadOnlyList<string?> granted = await subscribing;
        Assert.Null(granted[0]);
        Assert.NotNull(granted[1]);
        Assert.Equal("NotAuthorized", granted[2]);
    }

    [Fact]
    public async Task Unsubscription_NamesItsFilters()
    {
        await using Link link = await OpenAsync();
        Task<bool> unsubscribing = link.Connection.UnsubscribeAsync(["a/+/b", "c"]);

        Assert.Equal(["a/+/b", "c"], (await link.Peer.AnswerAsync<MqttUnsubscribe>(MqttReasonCode.Success, MqttReasonCode.NoSubscriptionExisted)).Filters);
        Assert.True(await unsubscribing);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Message_WithTheRetainFlag_IsAKeptOneIn311Alone(bool version311, bool isKept)
    {
        // In 5.0 the subscription asked for none, and for the flag as it was published.
        Use(new ScriptedBroker(version311 ? MqttVersion.V311 : MqttVersion.V5));
        await using Link link = await OpenAsync();
        await link.Peer.SendAsync(link.Peer.Publish(1, "a", retain: true), link.Peer.Publish(2, "b"));

        Assert.Equal(isKept, (await _receiver.NextAsync()).DeliveredAsRetained);
        Assert.False((await _receiver.NextAsync()).DeliveredAsRetained);
    }

    [Fact]
    public async Task Receiver_WithoutRoom_StopsTheBroker_AndLosesNothing()
    {
        const int Messages = 512;
        const int Size = 128 * 1024;
        var room = new TaskCompletionSource();
        _receiver.Hold = room.Task;
        await using Link link = await OpenAsync();

        // QoS 0, of which no Receive Maximum lets a broker send only so many. What fits is a few buffers, of 64 MiB.
        int sent = 0;
        Task sending = Task.Run(async () =>
        {
            for (; sent < Messages; sent++)
            {
                await link.Peer.SendAsync(link.Peer.Publish(0, $"{sent}".PadRight(Size)));
            }
        });
        int before;
        do
        {
            before = sent;
            await Task.Delay(400);
        }
        while (before == 0 || sent > before);

        Assert.InRange(sent, 1, Messages / 2);
        room.SetResult();
        for (int i = 0; i < Messages; i++)
        {
            Assert.Equal($"{i}", (await _receiver.NextAsync()).Payload.TrimEnd());
        }

        await sending;
    }

    [Fact]
    public async Task Receiver_WithoutRoomForLongerThanTheKeepAlive_KeepsTheConnection()
    {
        var room = new TaskCompletionSource();
        _receiver.Hold = room.Task;
        await using Link link = await OpenAsync(change: login => login with { KeepAlive = TimeSpan.FromSeconds(1) });
        Task flood = Task.Run(async () =>
        {
            for (int i = 0; i < 200; i++)
            {
                await link.Peer.SendAsync(link.Peer.Publish(0, new string('x', 100_000)));
            }
        });

        // Its pings are answered behind all that, where it does not read.
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(MqttPacketType.PingReq, (await link.Peer.ReceiveAnyAsync()).Type);
        }

        Assert.False(link.Connection.Completion.IsCompleted);
        room.SetResult();
        await flood;
        for (int i = 0; i < 200; i++)
        {
            await _receiver.NextAsync();
        }
    }

    [Fact]
    public async Task Receiver_ThatFails_EndsTheConnection()
    {
        _receiver.Hold = Task.FromException(new InvalidOperationException("out of order"));
        await using Link link = await OpenAsync();
        await link.Peer.SendAsync(link.Peer.Publish(1, "a"));

        Assert.Contains("out of order", await link.Connection.Completion.WaitAsync(ScriptedBroker.Patience), StringComparison.Ordinal);
        await link.Connection.DisposeAsync();
        Assert.DoesNotContain(MqttPacketType.PubAck, await link.Peer.RestAsync());
    }

    [Fact]
    public async Task Disconnect_ByTheBroker_IsTheEnd_WithItsReason()
    {
        await using Link link = await OpenAsync();
        await link.Peer.SendAsync(FleetMonitor.Tests.Mqtt.Wire.Write(writer => MqttEncoder.WriteDisconnect(
            writer, MqttVersion.V5, MqttReasonCode.SessionTakenOver, new MqttPropertyWriter().Add(MqttPropertyId.ReasonString, "somebody else came").Build())));

        Assert.Equal("somebody else came", await link.Connection.Completion.WaitAsync(ScriptedBroker.Patience));
    }

    [Fact]
    public async Task Requests_OnAConnectionThatEnds_SaySo()
    {
        await using Link link = await OpenAsync();
        Task<bool> publishing = link.Connection.PublishAsync("t", "x"u8.ToArray());
        Task<IReadOnlyList<string?>> subscribing = link.Connection.SubscribeAsync(["a"]);
        await link.Peer.ReceiveAsync();
        await link.Peer.ReceiveAsync();
        link.Peer.Dispose();

        Assert.False(await publishing);
        Assert.Empty(await subscribing);
        await link.Connection.Completion.WaitAsync(ScriptedBroker.Patience);
        Assert.False(await link.Connection.PublishAsync("t", "x"u8.ToArray()));
        Assert.False(await link.Connection.UnsubscribeAsync(["a"]));
    }

    public void Dispose()
    {
        Broker.Dispose();
        GC.SuppressFinalize(this);
    }

    private static async Task<List<int>> PubAcksAsync(ScriptedBroker.Peer peer, int count)
    {
        var ids = new List<int>();
        for (int i = 0; i < count; i++)
        {
            MqttPacket packet = await peer.ReceiveAsync();
            Assert.Equal(MqttPacketType.PubAck, packet.Type);
            ids.Add(packet.PacketId);
        }

        return ids;
    }

    /// <summary>Publishes, and has the broker hear that before anything else.</summary>
    private static async Task PublishAsync(Link link)
    {
        Task<bool> publishing = link.Connection.PublishAsync("fleet/site/rig/anomaly", "{}"u8.ToArray());
        MqttPacket packet = await link.Peer.ReceiveAsync();
        Assert.Equal(MqttPacketType.Publish, packet.Type);
        Assert.Equal(
            ("fleet/site/rig/anomaly", "{}", MqttQos.AtLeastOnce, false),
            (Encoding.UTF8.GetString(packet.Publish.Topic.Span), Encoding.UTF8.GetString(packet.Publish.Payload.Span), packet.Publish.Qos, packet.Publish.Retain));
        await link.Peer.AcknowledgeAsync(packet.Publish.PacketId);
        Assert.True(await publishing);
    }

    private void Use(ScriptedBroker broker)
    {
        Broker.Dispose();
        Broker = broker;
    }

    private async Task<Link> OpenAsync(bool sessionPresent = false, Func<BrokerLogin, BrokerLogin>? change = null)
    {
        Task<BrokerAttempt> connecting = ConnectAsync(change);
        ScriptedBroker.Peer peer = await Broker.WelcomeAsync(sessionPresent);
        BrokerAttempt attempt = await connecting;
        Assert.NotNull(attempt.Connection);
        return new Link(attempt.Connection, peer);
    }

    private Task<BrokerAttempt> ConnectAsync(Func<BrokerLogin, BrokerLogin>? change = null, CancellationToken cancellation = default)
    {
        var login = new BrokerLogin
        {
            Name = "mqtt://broker",
            Host = "127.0.0.1",
            Port = Broker.Port,
            ClientId = "site-1",
            Version311 = Broker.Version == MqttVersion.V311,
            SessionExpiry = TimeSpan.FromHours(1),
            KeepAlive = TimeSpan.FromSeconds(30),
            ReceiveMaximum = 100,
        };
        Settings settings = SettingsFile.Read(new ConfigurationBuilder()
            .AddInMemoryCollection([new KeyValuePair<string, string?>("Mqtt:Client", client)])
            .Build()).Settings;
        return Service.Hosting.Clients.Broker(settings, TimeProvider.System).ConnectAsync(change?.Invoke(login) ?? login, _receiver, cancellation);
    }

    /// <summary>Both ends of a connection. The broker's closes first: a client that closes waits for it.</summary>
    private sealed record Link(IBrokerConnection Connection, ScriptedBroker.Peer Peer) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            Peer.Dispose();
            return Connection.DisposeAsync();
        }
    }
}

public sealed class BuiltInBrokerClientTests() : BrokerClientSuite("builtin");
