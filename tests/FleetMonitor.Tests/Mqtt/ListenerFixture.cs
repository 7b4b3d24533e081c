using System.Collections.Concurrent;
using System.Text;
using FleetMonitor.Mqtt;
using FleetMonitor.Mqtt.Listener;
using FleetMonitor.Mqtt.Protocol;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

/// <summary>A listener whose host and clients are the test.</summary>
internal sealed class ListenerFixture : IMqttListenerHandler
{
    private readonly ListenerTransport _transport;
    private readonly SemaphoreSlim _arrived = new(0);

    public ListenerFixture(ListenerTransport transport, MqttListenerOptions? options = null)
    {
        _transport = transport;
        Listener = new MqttListener(options ?? new MqttListenerOptions(), this, Time);
    }

    public ManualTime Time { get; } = new();

    public MqttListener Listener { get; }

    /// <summary>Each batch as the host saw it, with the connection to acknowledge on.</summary>
    public ConcurrentQueue<(MqttListenerConnection Client, string[] Messages)> Batches { get; } = new();

    public Task Hold { get; set; } = Task.CompletedTask;

    public bool AcknowledgeAtOnce { get; set; }

    /// <summary>Opens a transport; the task is the listener's serving of it.</summary>
    public (WireEnd Client, Task Served) Open(MqttVersion version = MqttVersion.V5) => _transport.Open(Listener, version);

    /// <summary>Opens a transport and connects with it.</summary>
    public async Task<(WireEnd Client, Task Served)> ConnectAsync(
        string clientId, MqttVersion version = MqttVersion.V5, MqttWill? will = null, ushort keepAlive = 0,
        MqttProperties properties = default)
    {
        var (client, served) = Open(version);
        await client.SendAsync(Connect(clientId, version, will, keepAlive, properties));
        var connAck = Assert.IsType<MqttConnAck>((await client.ReceiveAsync()).Body);
        Assert.Equal((false, MqttReasonCode.Success), (connAck.SessionPresent, connAck.Reason));
        return (client, served);
    }

    public static byte[] Connect(
        string clientId, MqttVersion version = MqttVersion.V5, MqttWill? will = null, ushort keepAlive = 0,
        MqttProperties properties = default, string? user = null) => Wire.Write(writer => MqttEncoder.WriteConnect(
            writer,
            new MqttConnect
            {
                Version = version,
                ClientId = clientId,
                CleanStart = true,
                KeepAlive = keepAlive,
                Will = will,
                UserName = user,
                Properties = properties,
            }));

    public async Task<(MqttListenerConnection Client, string[] Messages)> NextBatchAsync()
    {
        Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(10)), "No batch came.");
        Assert.True(Batches.TryDequeue(out var batch));
        return batch;
    }

    public async Task<string[]> NextMessagesAsync() => (await NextBatchAsync()).Messages;

    /// <summary>How often this was refused for this reason.</summary>
    public long Refused(MqttRefusal refusal, MqttReasonCode reason) => Listener.Snapshot().Refusals
        .Where(count => count.Refusal == refusal && count.Reason == reason).Sum(count => count.Count);

    public ValueTask<MqttReasonCode> AuthenticateAsync(
        MqttListenerConnection client, MqttConnect connect, CancellationToken cancellation) => ValueTask.FromResult(
            connect.UserName == "stranger" ? MqttReasonCode.BadUserNameOrPassword : MqttReasonCode.Success);

    public MqttReasonCode AuthorizePublish(MqttListenerConnection client, ReadOnlySpan<byte> topic) =>
        topic.StartsWith("secret"u8) ? MqttReasonCode.NotAuthorized : MqttReasonCode.Success;

    public MqttReasonCode AuthorizeSubscribe(MqttListenerConnection client, ReadOnlySpan<byte> filter) =>
        filter.SequenceEqual("secret"u8) ? MqttReasonCode.NotAuthorized : MqttReasonCode.Success;

    public async ValueTask OnPublishesAsync(
        MqttListenerConnection client, ReadOnlyMemory<MqttMessage> batch, CancellationToken cancellation)
    {
        Batches.Enqueue((client, [.. batch.ToArray().Select(message =>
            $"{Encoding.UTF8.GetString(message.Topic.Span)} {Encoding.UTF8.GetString(message.Payload.Span)}")]));
        if (AcknowledgeAtOnce)
        {
            client.Acknowledge([.. batch.ToArray().Select(m => m.PacketId).Where(id => id != 0)]);
        }

        _arrived.Release();
        await Hold;
    }
}
