using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Mqtt;
using FleetMonitor.Service.Sources;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace FleetMonitor.Tests.Clients;

/// <summary>A site's subscription over one connection after another: what is remembered, what is asked for, what counts as lost.</summary>
/// <param name="client">As in <c>Mqtt:Client</c>.</param>
public abstract class BrokerSourceSuite(string client) : IDisposable
{
    private static readonly DateTimeOffset Yesterday = DateTimeOffset.UtcNow.AddDays(-1);

    private readonly ScriptedBroker _broker = new();
    private readonly Receiver _receiver = new();
    private readonly ConcurrentQueue<BrokerSession> _remembered = [];

    [Fact]
    public async Task FirstConnection_IsNoGap_AndIsRemembered()
    {
        await using BrokerSource source = Start(["a"], null);
        using ScriptedBroker.Peer peer = await _broker.WelcomeAsync();
        await peer.AnswerAsync<MqttSubscribe>(MqttReasonCode.GrantedQos1);

        await OnceAsync(() => source.Status.Connected);
        Assert.Equal(["a"], Assert.Single(_remembered).Topics);
        Assert.Empty(_receiver.LostSessions);
    }

    [Fact]
    public async Task SessionThatTheBrokerForgot_IsAGap_FromWhenItWasLastHeard()
    {
        await using BrokerSource source = Start(["a"], new BrokerSession("site-1", ["a"], Yesterday.ToUnixTimeMilliseconds()));
        using ScriptedBroker.Peer peer = await _broker.WelcomeAsync(sessionPresent: false);
        await peer.AnswerAsync<MqttSubscribe>(MqttReasonCode.GrantedQos1);

        (string name, Instant from, Instant to, string detail) = Assert.Single(_receiver.LostSessions);
        Assert.Equal($"mqtt://127.0.0.1:{_broker.Port}", name);
        Assert.Equal(Yesterday.ToUnixTimeMilliseconds(), from.UnixMilliseconds);
        Assert.InRange(to.ToDateTimeOffset(), Yesterday.AddDays(1).AddSeconds(-1), DateTimeOffset.UtcNow);
        Assert.Contains("no longer knew the session of site-1", detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SessionThatTheBrokerKept_IsNoGap()
    {
        await using BrokerSource source = Start(["a"], new BrokerSession("site-1", ["a"], Yesterday.ToUnixTimeMilliseconds()));
        using ScriptedBroker.Peer peer = await _broker.WelcomeAsync(sessionPresent: true);
        await peer.AnswerAsync<MqttSubscribe>(MqttReasonCode.GrantedQos1);

        await OnceAsync(() => source.Status.Connected);
        Assert.Empty(_receiver.LostSessions);
    }

    [Fact]
    public async Task Topics_ThatChanged_AreUnsubscribed_WhereTheSessionHasThem()
    {
        await using BrokerSource source = Start(["b", "c"], new BrokerSession("site-1", ["a", "b"], Yesterday.ToUnixTimeMilliseconds()));
        using ScriptedBroker.Peer peer = await _broker.WelcomeAsync(sessionPresent: true);

        Assert.Equal(["a"], (await peer.AnswerAsync<MqttUnsubscribe>(MqttReasonCode.Success)).Filters);
        MqttSubscribe subscribe = await peer.AnswerAsync<MqttSubscribe>(MqttReasonCode.GrantedQos1, MqttReasonCode.GrantedQos1);
        Assert.Equal(["b", "c"], subscribe.Subscriptions.Select(subscription => subscription.Filter));
        await OnceAsync(() => _remembered.Any(session => session.Topics.SequenceEqual(["b", "c"])));
    }

    [Fact]
    public async Task ConnectionThatEnds_IsMadeAnew_AndWhatWasNotAnsweredComesAgain()
    {
        await using BrokerSource source = Start(["a"], null);
        Taken first;
        using (ScriptedBroker.Peer peer = await _broker.WelcomeAsync())
        {
            await peer.AnswerAsync<MqttSubscribe>(MqttReasonCode.GrantedQos1);
            await peer.SendAsync(peer.Publish(5, "reading"));
            first = await _receiver.NextAsync();
            await OnceAsync(() => source.Status.Connected);
        }

        using ScriptedBroker.Peer again = await _broker.WelcomeAsync(sessionPresent: true);
        await again.AnswerAsync<MqttSubscribe>(MqttReasonCode.GrantedQos1);
        await again.SendAsync(again.Publish(5, "reading", duplicate: true));
        Taken second = await _receiver.NextAsync();
        Assert.Equal(("reading", true), (second.Payload, second.Redelivered));

        // The commit of the first one ends now: its answer has no connection to go out on.
        first.Acknowledge();
        second.Acknowledge();
        MqttPacket packet = await again.ReceiveAsync();
        Assert.Equal((MqttPacketType.PubAck, 5), (packet.Type, packet.PacketId));
        again.Dispose();
        Assert.Empty(_receiver.LostSessions);
    }

    [Fact]
    public async Task Alert_IsOutOnlyOnceTheBrokerHasAcknowledgedIt()
    {
        const string Topic = "fleet/site-1/rig-1/anomaly";
        await using BrokerSource source = Start(["a"], null);
        Assert.False(await source.PublishAlertAsync(Topic, "{}"u8.ToArray()));
        Task<bool> cutOff;
        using (ScriptedBroker.Peer peer = await _broker.WelcomeAsync())
        {
            await peer.AnswerAsync<MqttSubscribe>(MqttReasonCode.GrantedQos1);
            await OnceAsync(() => source.Status.Connected);
            cutOff = source.PublishAlertAsync(Topic, "{}"u8.ToArray());
            Assert.Equal(MqttPacketType.Publish, (await peer.ReceiveAsync()).Type);
        }

        Assert.False(await cutOff.WaitAsync(ScriptedBroker.Patience));
        using ScriptedBroker.Peer again = await _broker.WelcomeAsync(sessionPresent: true);
        await again.AnswerAsync<MqttSubscribe>(MqttReasonCode.GrantedQos1);
        await OnceAsync(() => source.Status.Connected);
        Task<bool> acknowledged = source.PublishAlertAsync(Topic, "{}"u8.ToArray());
        MqttPacket packet = await again.ReceiveAsync();
        Assert.Equal(Topic, Encoding.UTF8.GetString(packet.Publish.Topic.Span));
        Assert.False(acknowledged.IsCompleted);
        await again.AcknowledgeAsync(packet.Publish.PacketId);
        Assert.True(await acknowledged.WaitAsync(ScriptedBroker.Patience));
    }

    [Fact]
    public async Task Refusal_OfCredentials_IsShown_AndNotHammered()
    {
        await using BrokerSource source = Start(["a"], null);
        using ScriptedBroker.Peer peer = await _broker.AcceptAsync();
        await peer.ReceiveAsync();
        await peer.SendAsync(peer.ConnAck(reason: MqttReasonCode.BadUserNameOrPassword));

        await OnceAsync(() => source.Status.Detail.Contains("BadUserNameOrPassword", StringComparison.Ordinal));
        Assert.False(source.Status.Connected);
    }

    public void Dispose()
    {
        _broker.Dispose();
        GC.SuppressFinalize(this);
    }

    private static async Task OnceAsync(Func<bool> holds)
    {
        using var timeout = new CancellationTokenSource(ScriptedBroker.Patience);
        while (!holds())
        {
            await Task.Delay(10, timeout.Token);
        }
    }

    private BrokerSource Start(IReadOnlyList<string> topics, BrokerSession? session)
    {
        Settings settings = SettingsFile.Read(new ConfigurationBuilder()
            .AddInMemoryCollection([new KeyValuePair<string, string?>("Mqtt:Client", client)])
            .Build()).Settings;
        BrokerAddress.TryParse(string.Create(CultureInfo.InvariantCulture, $"mqtt://127.0.0.1:{_broker.Port}"), out BrokerAddress? address);
        var source = new BrokerSource(
            Service.Hosting.Clients.Broker(settings, TimeProvider.System),
            address!,
            "site-1",
            settings.Subscriber,
            null,
            topics,
            session,
            remembered =>
            {
                _remembered.Enqueue(remembered);
                return Task.CompletedTask;
            },
            _receiver,
            TimeProvider.System,
            NullLogger.Instance);
        source.Start();
        return source;
    }
}

public sealed class BuiltInBrokerSourceTests() : BrokerSourceSuite("builtin");
