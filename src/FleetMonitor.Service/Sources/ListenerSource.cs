using System.Net.Sockets;
using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Mqtt;
using FleetMonitor.Mqtt.Listener;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Telemetry.Sources;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace FleetMonitor.Service.Sources;

/// <summary>The built-in listener that rigs publish to directly, served by Kestrel.</summary>
internal sealed class ListenerSource : IMessageSource, IMqttListenerHandler
{
    private readonly IMessageReceiver _receiver;
    private readonly TimeProvider _time;
    private readonly MqttListener _listener;

    public ListenerSource(ListenerSettings settings, IMessageReceiver receiver, TimeProvider time)
    {
        (_receiver, _time) = (receiver, time);
        _listener = new MqttListener(
            new MqttListenerOptions
            {
                MaximumConnections = settings.MaxConnections,
                MaximumPacketSize = settings.MaxPacketBytes,
                ReceiveMaximum = 1_000,
            },
            this,
            time);
        Status = new SourceStatus("listener", true, $"listening on {settings.Address}:{settings.Port}");
    }

    public SourceStatus Status { get; private set; }

    public MqttListenerSnapshot Counters => _listener.Snapshot();

    public void PublishAlert(string topic, byte[] payload) =>
        _listener.Publish(Encoding.UTF8.GetBytes(topic), payload, MqttQos.AtLeastOnce);

    /// <summary>
    /// Serves one client. Not until its transport closes: what it sent before that may still be unread. The listener ends by its own limits.
    /// </summary>
    public Task ServeAsync(ConnectionContext connection)
    {
        // A client that vanished without a word, and asked for no keep-alive, is noticed by the system.
        connection.Features.Get<IConnectionSocketFeature>()?.Socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        return _listener.HandleAsync(connection.Transport, new MqttPeer(connection.RemoteEndPoint), CancellationToken.None);
    }

    public ValueTask<MqttReasonCode> AuthenticateAsync(MqttPeer peer, MqttConnect connect, CancellationToken cancellation) =>
        ValueTask.FromResult(MqttReasonCode.Success);

    public MqttReasonCode AuthorizePublish(MqttListenerConnection client, ReadOnlySpan<byte> topic) =>
        topic.StartsWith("$"u8) ? MqttReasonCode.NotAuthorized : MqttReasonCode.Success;

    public MqttReasonCode AuthorizeSubscribe(MqttListenerConnection client, string filter) => MqttReasonCode.Success;

    public ValueTask OnPublishesAsync(
        MqttListenerConnection client, ReadOnlyMemory<MqttMessage> batch, CancellationToken cancellation) => _receiver.ReceiveAsync(
        Batches.Of($"listener/{client.ClientId}", new ClientAcknowledger(client), batch.Span, Instant.From(_time.GetUtcNow())), cancellation);

    public async ValueTask DisposeAsync()
    {
        Status = Status with { Connected = false, Detail = "stopped" };
        await _listener.DisposeAsync();
    }

    private sealed class ClientAcknowledger(MqttListenerConnection client) : IAcknowledger
    {
        public void Acknowledge(ReadOnlySpan<ushort> packetIds) => client.Acknowledge(packetIds);
    }
}
