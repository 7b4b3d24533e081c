using System.IO.Pipelines;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Mqtt.Topics;
using FleetMonitor.Mqtt.Transport;

namespace FleetMonitor.Mqtt.Client;

/// <summary>
/// Takes the publishes of one read. Until the returned task completes the batch's memory stays valid and nothing
/// more is read from the server. Called before CONNECT's answer is seen by the caller where a resumed session
/// delivers at once; never called twice at a time.
/// </summary>
/// <param name="cancellation">Cancelled when the connection closes.</param>
public delegate ValueTask MqttPublishesHandler(
    MqttClientConnection connection, ReadOnlyMemory<MqttMessage> batch, CancellationToken cancellation);

/// <summary>
/// One MQTT connection, from CONNECT to its end; a reconnect is a new object, so that an acknowledgement can
/// never travel on a connection newer than its message. All members may be called from any thread.
/// </summary>
/// <remarks>The caller owns the transport and disposes of it after <see cref="Completion"/>.</remarks>
public sealed partial class MqttClientConnection : IAsyncDisposable
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ServerCloses = TimeSpan.FromSeconds(10);

    private readonly PipeReader _input;
    private readonly IPacedTransport? _paced;
    private readonly MqttClientOptions _options;
    private readonly MqttPublishesHandler _onPublishes;
    private readonly TimeProvider _time;
    private readonly OutboundBuffer _outbound;
    private readonly PublishWindow _window;
    private readonly TopicAliases _aliases;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource<MqttConnectResult> _connected =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<MqttClosed> _completion =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<ushort, SubscribeRequest> _subscribing = [];

    private ushort _lastSubscribeId = ushort.MaxValue;
    private bool _started;
    private KeepAliveMonitor? _keepAlive;
    private ExactlyOnceReceipts? _exactlyOnce;
    private MqttClosed? _closed;
    private (int Messages, bool LeftMore) _lastRead;

    /// <param name="transport">An open byte stream to the server.</param>
    /// <param name="onPublishes">Attached before CONNECT: a resumed session delivers at once.</param>
    public MqttClientConnection(
        IDuplexPipe transport, MqttClientOptions options, MqttPublishesHandler onPublishes, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfZero(options.ReceiveMaximum);
        if (options is { Version: MqttVersion.V311, UserName: null, Password: not null })
        {
            throw new ArgumentException("MQTT 3.1.1 knows no password without a user name.", nameof(options));
        }

        (_input, _options, _onPublishes, _time) = (transport.Input, options, onPublishes, time);
        _paced = transport as IPacedTransport;
        _outbound = new OutboundBuffer(transport.Output, () => _window!.SendWaiting());
        _window = new PublishWindow(_outbound, options.Version);
        _aliases = new TopicAliases(options.Version == MqttVersion.V5 ? options.TopicAliasMaximum : (ushort)0);
    }

    /// <summary>What the server granted; null until it accepted.</summary>
    public MqttServerFacts? Server { get; private set; }

    /// <summary>Completes with the cause when the connection has ended and the transport is no longer used.</summary>
    public Task<MqttClosed> Completion => _completion.Task;

    /// <summary>Sends CONNECT and waits for the answer. Called once.</summary>
    public async Task<MqttConnectResult> ConnectAsync(CancellationToken cancellation)
    {
        lock (_outbound.Gate)
        {
            if (_started)
            {
                throw new InvalidOperationException("A connection connects once; make a new one to reconnect.");
            }

            _started = true;
            if (_closed is null)
            {
                MqttEncoder.WriteConnect(_outbound, ConnectPacket.Build(_options));
                _outbound.Signal();
            }
        }

        StartReceiving();
        try
        {
            return await _connected.Task.WaitAsync(_options.ConnectTimeout, _time, cancellation);
        }
        catch (TimeoutException)
        {
            Close(new MqttClosed(
                MqttCloseCause.ConnectTimeout, MqttReasonCode.ServerUnavailable, "The server did not answer CONNECT."));
            return await _connected.Task;
        }
        catch (OperationCanceledException)
        {
            Close(new MqttClosed(MqttCloseCause.Local, MqttReasonCode.Success, "Connecting was cancelled."));
            throw;
        }
    }

    /// <summary>
    /// Subscribes. In 5.0 always with Retain Handling 2 and Retain As Published: kept messages are not sent, so a
    /// message with the flag set is news. In 3.1.1 the flag tells a kept message from news.
    /// </summary>
    public Task<MqttSubscribeResult> SubscribeAsync(IReadOnlyList<MqttTopicRequest> topics)
    {
        var subscriptions = topics.Select(topic =>
            TopicFilter.TryParse(topic.Filter) is null
                ? throw new ArgumentException("A filter is not valid.", nameof(topics))
                : new MqttSubscription(topic.Filter, topic.Qos, false, true, MqttRetainHandling.DoNotSend));
        var list = subscriptions.ToList();
        return Request(MqttPacketType.SubAck, list.Count, id => MqttEncoder.WriteSubscribe(
            _outbound, _options.Version, new MqttSubscribe(id, list)));
    }

    /// <summary>Unsubscribes.</summary>
    public Task<MqttSubscribeResult> UnsubscribeAsync(IReadOnlyList<string> filters) =>
        Request(MqttPacketType.UnsubAck, filters.Count, id => MqttEncoder.WriteUnsubscribe(
            _outbound, _options.Version, new MqttUnsubscribe(id, filters)));

    /// <summary>
    /// Publishes with QoS 0 (completes when handed over) or 1 (completes with the server's answer). Messages go out
    /// in the order of the calls, as many at once as the server allows. The memory must not change until the task
    /// completes, which the caller awaits exactly once.
    /// </summary>
    public ValueTask<MqttPublishResult> PublishAsync(
        ReadOnlyMemory<byte> topic, ReadOnlyMemory<byte> payload, MqttQos qos, bool retain = false)
    {
        if (qos > MqttQos.AtLeastOnce)
        {
            throw new ArgumentOutOfRangeException(nameof(qos), qos, "Publishing with QoS 2 is not offered.");
        }

        lock (_outbound.Gate)
        {
            if (_closed is { } closed)
            {
                return ValueTask.FromResult(
                    new MqttPublishResult(MqttPublishOutcome.ConnectionClosed, closed.Reason));
            }

            var server = Server ?? throw new InvalidOperationException("Publish after the server accepted.");
            return Unsupported(server, topic.Span, payload.Length, qos, retain) is { } reason
                ? ValueTask.FromResult(new MqttPublishResult(MqttPublishOutcome.NotSupported, reason))
                : _window.Publish(topic, payload, qos, retain);
        }
    }

    /// <summary>
    /// Acknowledges messages, in one write, in the order given: callers keep the order of receipt, as MQTT asks,
    /// and acknowledge each message once, also one of QoS 2, whose second half goes by itself
    /// (<see cref="ExactlyOnceReceipts"/>). Does nothing on a closed connection.
    /// </summary>
    public void Acknowledge(ReadOnlySpan<ushort> packetIds)
    {
        bool flush;
        lock (_outbound.Gate)
        {
            if (_closed is not null)
            {
                return;
            }

            foreach (var id in packetIds)
            {
                var answer = _exactlyOnce?.Answer(id) ?? MqttPacketType.PubAck;
                MqttEncoder.WriteAcknowledgement(_outbound, _options.Version, answer, id);
            }

            flush = _outbound.ClaimFlush();
        }

        if (flush)
        {
            _outbound.Flush();
        }
    }

    /// <summary>Sends DISCONNECT after what is already on its way, and waits for the end.</summary>
    public async Task CloseAsync(MqttReasonCode reason = MqttReasonCode.Success)
    {
        Close(new MqttClosed(MqttCloseCause.Local, reason, "Closed by us."));
        await Completion;
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private MqttReasonCode? Unsupported(
        MqttServerFacts server, ReadOnlySpan<byte> topic, int payloadLength, MqttQos qos, bool retain)
    {
        if (!TopicName.IsValid(topic))
        {
            return MqttReasonCode.TopicNameInvalid;
        }

        if (qos > server.MaximumQos)
        {
            return MqttReasonCode.QosNotSupported;
        }

        if (retain && !server.RetainAvailable)
        {
            return MqttReasonCode.RetainNotSupported;
        }

        var size = MqttEncoder.PublishSize(_options.Version, topic.Length, payloadLength, qos);
        return size > Math.Min(server.MaximumPacketSize, VarInt.Maximum) ? MqttReasonCode.PacketTooLarge : null;
    }

    private Task<MqttSubscribeResult> Request(MqttPacketType answer, int count, Action<ushort> write)
    {
        ArgumentOutOfRangeException.ThrowIfZero(count);
        lock (_outbound.Gate)
        {
            if (_closed is not null)
            {
                return Task.FromResult(SubscribeRequest.Unanswered);
            }

            if (Server is null)
            {
                throw new InvalidOperationException("Subscribe after the server accepted.");
            }

            do
            {
                _lastSubscribeId = _lastSubscribeId == ushort.MaxValue
                    ? (ushort)(PublishWindow.LargestWindow + 1)
                    : (ushort)(_lastSubscribeId + 1);
            }
            while (_subscribing.ContainsKey(_lastSubscribeId));

            var request = new SubscribeRequest(answer, count);
            _subscribing.Add(_lastSubscribeId, request);
            write(_lastSubscribeId);
            _outbound.Signal();
            return request.Result.Task;
        }
    }

    /// <summary>Ends the connection for the first cause that comes up; later ones change nothing.</summary>
    private void Close(MqttClosed cause)
    {
        lock (_outbound.Gate)
        {
            if (_closed is not null)
            {
                return;
            }

            _closed = cause;

            // In 3.1.1 DISCONNECT always means that all is well, and would drop the will.
            var saysGoodbye = cause.Cause == MqttCloseCause.Local
                || (cause.Cause is MqttCloseCause.ProtocolError or MqttCloseCause.HandlerFailed
                    && _options.Version == MqttVersion.V5);
            if (saysGoodbye && _started)
            {
                MqttEncoder.WriteDisconnect(_outbound, _options.Version, ReasonCodes.ForDisconnect(cause.Reason));
                _outbound.Signal();
            }

            _outbound.Seal();
            _window.Close(cause.Reason);
            foreach (var request in _subscribing.Values)
            {
                request.Result.TrySetResult(SubscribeRequest.Unanswered);
            }

            if (!_started)
            {
                _completion.TrySetResult(cause);
            }
        }

        _connected.TrySetResult(new MqttConnectResult(
            cause.Cause switch
            {
                MqttCloseCause.Refused => MqttConnectOutcome.Refused,
                MqttCloseCause.ConnectTimeout => MqttConnectOutcome.TimedOut,
                _ => MqttConnectOutcome.Closed,
            },
            cause.Reason,
            null,
            cause.Detail));
        _keepAlive?.Dispose();
        if (cause.Cause == MqttCloseCause.PingTimeout)
        {
            _outbound.Abort();
        }

        _closing.Cancel();
        _input.CancelPendingRead();
    }

    private sealed record SubscribeRequest(MqttPacketType Answer, int Count)
    {
        public static readonly MqttSubscribeResult Unanswered = new(false, []);

        public TaskCompletionSource<MqttSubscribeResult> Result { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
