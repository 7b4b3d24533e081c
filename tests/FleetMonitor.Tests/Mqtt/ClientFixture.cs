using System.Collections.Concurrent;
using System.Text;
using FleetMonitor.Mqtt;
using FleetMonitor.Mqtt.Client;
using FleetMonitor.Mqtt.Protocol;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

/// <summary>A client connection whose server is the test.</summary>
internal sealed class ClientFixture
{
    private readonly SemaphoreSlim _arrived = new(0);

    public ClientFixture(
        MqttVersion version = MqttVersion.V5, Func<MqttClientOptions, MqttClientOptions>? change = null)
    {
        Server = new PipePair(version);
        var options = new MqttClientOptions { ClientId = "me", Version = version };
        Client = new MqttClientConnection(Server.Subject, change?.Invoke(options) ?? options, Take, Time);
    }

    public ManualTime Time { get; } = new();

    public PipePair Server { get; }

    public MqttClientConnection Client { get; }

    /// <summary>Each batch as the handler saw it: one text a message.</summary>
    public ConcurrentQueue<string[]> Batches { get; } = new();

    /// <summary>What the handler waits for.</summary>
    public Task Hold { get; set; } = Task.CompletedTask;

    public async Task<MqttConnectResult> ConnectAsync(string connAck)
    {
        var connecting = Client.ConnectAsync(CancellationToken.None);
        Assert.Equal(MqttPacketType.Connect, (await Server.ReceiveAsync()).Type);
        await Server.SendAsync(connAck);
        return await connecting;
    }

    public async Task<string[]> NextBatchAsync()
    {
        Assert.True(await _arrived.WaitAsync(TimeSpan.FromSeconds(10)), "No batch came.");
        Assert.True(Batches.TryDequeue(out var batch));
        return batch;
    }

    private async ValueTask Take(
        MqttClientConnection connection, ReadOnlyMemory<MqttMessage> batch, CancellationToken cancellation)
    {
        Batches.Enqueue([.. batch.ToArray().Select(Describe)]);
        _arrived.Release();
        await Hold.WaitAsync(cancellation);
    }

    private static string Describe(MqttMessage message) =>
        $"{Encoding.UTF8.GetString(message.Topic.Span)} {Encoding.UTF8.GetString(message.Payload.Span)} "
        + $"{message.PacketId}{(message.DeliveredAsRetained ? " kept" : "")}";
}
