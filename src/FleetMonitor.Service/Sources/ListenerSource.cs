using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FleetMonitor.Mqtt;
using FleetMonitor.Mqtt.Listener;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Identity;
using FleetMonitor.Service.Mqtt.Epoll;
using FleetMonitor.Telemetry.Sources;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace FleetMonitor.Service.Sources;

/// <summary>
/// The built-in listener that rigs publish to directly. Plain connections are served by one thread, where the machine has what that takes
/// (<see cref="EpollListener"/>); TLS, and other machines, by Kestrel.
/// </summary>
internal sealed partial class ListenerSource : IMessageSource, IMqttListenerHandler
{
    public const string Name = "listener";

    /// <summary>Descriptors that are no connections of rigs: files, libraries, the other doors.</summary>
    private const int OtherDescriptors = 256;

    private readonly AccessControl _control;
    private readonly ListenerAccess _access;
    private readonly SharedBatch _batch;
    private readonly MqttListener _listener;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private EpollListener? _plain;

    public ListenerSource(ListenerSettings settings, AccessControl control, IMessageReceiver receiver, TimeProvider time, ILogger log)
    {
        (_control, _time, _log) = (control, time, log);
        _access = new ListenerAccess(settings, control, time, log);
        _batch = new SharedBatch(receiver, time);
        _listener = new MqttListener(
            new MqttListenerOptions
            {
                MaximumConnections = (int)Math.Min(settings.MaxConnections, Math.Max(1, LinuxSocket.MostDescriptors - OtherDescriptors)),
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

    /// <summary>Whether plain connections need no Kestrel here.</summary>
    public static bool ServesItself(ListenerSettings settings) => settings.Certificate is null && EpollListener.IsSupported;

    /// <summary>Opens the door for plain connections.</summary>
    /// <param name="shortestPause">How long messages gather between reads while they keep coming from clients in a hurry.</param>
    /// <returns>The port, also where the settings leave it to the system.</returns>
    /// <exception cref="IOException">The address is taken, or not of this machine.</exception>
    public int Listen(IPEndPoint address, TimeSpan shortestPause)
    {
        _plain = new EpollListener(address, ServePlainAsync, _batch, shortestPause, _time);
        return _plain.Port;
    }

    /// <summary>
    /// Serves one client of Kestrel's. Not until its transport closes: what it sent before that may still be unread. The listener ends by its own
    /// limits.
    /// </summary>
    public Task ServeAsync(ConnectionContext connection)
    {
        // A client that vanished without a word, and asked for no keep-alive, is noticed by the system.
        connection.Features.Get<IConnectionSocketFeature>()?.Socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        var peer = new MqttPeer(connection.RemoteEndPoint, connection.Features.Get<ITlsConnectionFeature>()?.ClientCertificate);
        return _listener.HandleAsync(connection.Transport, peer, CancellationToken.None);
    }

    public ValueTask<MqttReasonCode> AuthenticateAsync(
        MqttListenerConnection client, MqttConnect connect, CancellationToken cancellation)
    {
        client.HostState = new ListenerClient(client);
        return _access.AuthenticateAsync(client, connect, cancellation);
    }

    public MqttReasonCode AuthorizePublish(MqttListenerConnection client, ReadOnlySpan<byte> topic) => _access.AuthorizePublish(client, topic);

    public MqttReasonCode AuthorizeSubscribe(MqttListenerConnection client, ReadOnlySpan<byte> filter) =>
        _access.AuthorizeSubscribe(client, filter);

    public ValueTask OnPublishesAsync(
        MqttListenerConnection client, ReadOnlyMemory<MqttMessage> batch, CancellationToken cancellation)
    {
        ListenerClient kept = ListenerClient.Of(client)!;
        return _batch.TakeAsync(kept.Source, kept, batch.Span);
    }

    public async ValueTask DisposeAsync()
    {
        _control.Changed -= EndWhoIsNoLongerWelcome;
        Status = Status with { Connected = false, Detail = "stopped" };
        await _listener.DisposeAsync();
        if (_plain is not null)
        {
            await _plain.DisposeAsync();
        }
    }

    private async Task ServePlainAsync(IDuplexPipe transport, MqttPeer peer)
    {
        try
        {
            await _listener.HandleAsync(transport, peer, CancellationToken.None);
        }
        catch (Exception e)
        {
            LogFailed(e);
        }
    }

    private void EndWhoIsNoLongerWelcome() =>
        _listener.End(client => !_access.IsStillWelcome(client), MqttReasonCode.NotAuthorized);

    [LoggerMessage(LogLevel.Error, "A connection of the listener was ended by a failure")]
    private partial void LogFailed(Exception e);
}
