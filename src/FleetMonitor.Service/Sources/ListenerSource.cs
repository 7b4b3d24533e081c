using System.Net.Sockets;
using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Mqtt;
using FleetMonitor.Mqtt.Listener;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Identity;
using FleetMonitor.Telemetry.Sources;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace FleetMonitor.Service.Sources;

/// <summary>The built-in listener that rigs publish to directly, served by Kestrel.</summary>
internal sealed class ListenerSource : IMessageSource, IMqttListenerHandler
{
    public const string Name = "listener";

    private readonly IMessageReceiver _receiver;
    private readonly TimeProvider _time;
    private readonly MqttListener _listener;
    private readonly AccessControl _control;
    private readonly ListenerAccess _access;

    public ListenerSource(ListenerSettings settings, AccessControl control, IMessageReceiver receiver, TimeProvider time, ILogger log)
    {
        (_receiver, _time, _control) = (receiver, time, control);
        _access = new ListenerAccess(settings, control, time, log);
        _listener = new MqttListener(
            new MqttListenerOptions
            {
                MaximumConnections = settings.MaxConnections,
                MaximumPacketSize = settings.MaxPacketBytes,
                ReceiveMaximum = 1_000,
            },
            this,
            time);
        control.Changed += EndWhoIsNoLongerWelcome;
        Status = new SourceStatus(Name, true, $"listening on {settings.Address}:{settings.Port}");
    }

    public SourceStatus Status { get; private set; }

    public MqttListenerSnapshot Counters => _listener.Snapshot();

    /// <summary>Passwords hashed since the start: the others were remembered.</summary>
    public long PasswordsHashed => _access.PasswordsHashed;

    public Task<bool> PublishAlertAsync(string topic, byte[] payload)
    {
        _listener.Publish(Encoding.UTF8.GetBytes(topic), payload, MqttQos.AtLeastOnce);
        return Task.FromResult(true);
    }

    /// <summary>
    /// Serves one client. Not until its transport closes: what it sent before that may still be unread. The listener ends by its own limits.
    /// </summary>
    public Task ServeAsync(ConnectionContext connection)
    {
        // A client that vanished without a word, and asked for no keep-alive, is noticed by the system.
        connection.Features.Get<IConnectionSocketFeature>()?.Socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        var peer = new MqttPeer(connection.RemoteEndPoint, connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate);
        return _listener.HandleAsync(connection.Transport, peer, CancellationToken.None);
    }

    public ValueTask<MqttReasonCode> AuthenticateAsync(
        MqttListenerConnection client, MqttConnect connect, CancellationToken cancellation) =>
        _access.AuthenticateAsync(client, connect, cancellation);

    public MqttReasonCode AuthorizePublish(MqttListenerConnection client, ReadOnlySpan<byte> topic) => _access.AuthorizePublish(client, topic);

    public MqttReasonCode AuthorizeSubscribe(MqttListenerConnection client, ReadOnlySpan<byte> filter) =>
        _access.AuthorizeSubscribe(client, filter);

    public ValueTask OnPublishesAsync(
        MqttListenerConnection client, ReadOnlyMemory<MqttMessage> batch, CancellationToken cancellation) => _receiver.ReceiveAsync(
        Batches.Of(NameOf(client), new ClientAcknowledger(client), batch.Span, Instant.From(_time.GetUtcNow())), cancellation);

    public async ValueTask DisposeAsync()
    {
        _control.Changed -= EndWhoIsNoLongerWelcome;
        Status = Status with { Connected = false, Detail = "stopped" };
        await _listener.DisposeAsync();
    }

    private static string NameOf(MqttListenerConnection client) =>
        client.Owner.Length == 0 ? $"listener/{client.ClientId}" : $"listener/{client.Owner}/{client.ClientId}";

    private void EndWhoIsNoLongerWelcome() =>
        _listener.End(client => !_access.IsStillWelcome(client), MqttReasonCode.NotAuthorized);

    private sealed class ClientAcknowledger(MqttListenerConnection client) : IAcknowledger
    {
        public void Acknowledge(ReadOnlySpan<ushort> packetIds) => client.Acknowledge(packetIds);
    }
}
