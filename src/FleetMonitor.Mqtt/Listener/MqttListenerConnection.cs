using System.IO.Pipelines;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Mqtt.Topics;
using FleetMonitor.Mqtt.Transport;

namespace FleetMonitor.Mqtt.Listener;

/// <summary>
/// One client's connection. Idle, it costs this object, one pending read and no timer, task or buffer of its own.
/// </summary>
public sealed partial class MqttListenerConnection
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan StallAllowed = TimeSpan.FromSeconds(60);

    private readonly MqttListener _listener;
    private readonly PipeReader _input;
    private readonly OutboundBuffer _outbound;
    private readonly TaskCompletionSource _served = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private InflightPublishes _inflight;
    private TaskCompletionSource? _acknowledged;
    private TopicAliases? _aliases;
    private Dictionary<string, TopicFilter>? _subscriptions;
    private SubscriberQueue? _deliveries;
    private MqttWill? _will;
    private TimeSpan _silenceAllowed;
    private long _lastHeard;
    private long _endedAt;
    private int _subscriberReceiveMaximum = ushort.MaxValue;
    private long _subscriberPacketSize = long.MaxValue;
    private bool _connected;
    private volatile bool _paused;
    private volatile bool _stalled;
    private volatile bool _ended;

    internal MqttListenerConnection(MqttListener listener, IDuplexPipe transport, MqttPeer peer)
    {
        (_listener, _input, Peer) = (listener, transport.Input, peer);
        _outbound = new OutboundBuffer(transport.Output);
        _lastHeard = listener.Time.GetTimestamp();
    }

    public MqttPeer Peer { get; }

    /// <summary>The client's id, assigned by us where it sent none; empty until CONNECT was read.</summary>
    public string ClientId { get; private set; } = string.Empty;

    public string? UserName { get; private set; }

    public MqttVersion Version { get; private set; } = MqttVersion.V311;

    /// <summary>What the host keeps with the connection; ours only to carry.</summary>
    public object? HostState { get; set; }

    /// <summary>
    /// Who the host has found the client to be, set while it authenticates. Client ids are told apart by it: a client may
    /// take over connections of its own, and of nobody else.
    /// </summary>
    public string Owner { get; set; } = string.Empty;

    /// <summary>When it is next looked at, in ticks of the listener's clock; kept by <see cref="Deadlines"/>.</summary>
    internal long Deadline { get; set; } = long.MaxValue;

    internal Task Served => _served.Task;

    /// <summary>
    /// Acknowledges publishes in one write, each once, in the order of their receipt. From any thread; does
    /// nothing once the connection ended.
    /// </summary>
    public void Acknowledge(ReadOnlySpan<ushort> packetIds)
    {
        bool flush;
        lock (_outbound.Gate)
        {
            if (_ended)
            {
                return;
            }

            _inflight.Acknowledge(_outbound, Version, packetIds);
            flush = _outbound.ClaimFlush();
            if (_inflight.Count < _listener.Options.ReceiveMaximum)
            {
                _acknowledged?.TrySetResult();
                _acknowledged = null;
            }
        }

        if (flush)
        {
            _outbound.Flush();
        }
    }

    /// <summary>Sends a message to this client; false where it is lost.</summary>
    internal bool Deliver(
        ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, MqttQos qos, bool retain, ReadOnlySpan<byte> properties)
    {
        lock (_outbound.Gate)
        {
            return _outbound.IsOpen
                && _deliveries is not null
                && _deliveries.Offer(topic, payload, qos, retain, Version == MqttVersion.V5 ? properties : default);
        }
    }

    /// <summary>
    /// Ends the connection for the first reason that comes up; a 5.0 client is told. Its will stays due.
    /// </summary>
    internal bool End(MqttReasonCode reason)
    {
        lock (_outbound.Gate)
        {
            if (_ended)
            {
                return false;
            }

            if (_connected && Version == MqttVersion.V5 && reason != MqttReasonCode.Success)
            {
                MqttEncoder.WriteDisconnect(_outbound, Version, ReasonCodes.ForDisconnect(reason));
                _outbound.Signal();
            }

            _endedAt = _listener.Time.GetTimestamp();
            _ended = true;
            _outbound.Seal();
            _acknowledged?.TrySetResult();
            _acknowledged = null;
        }

        _listener.Watch(this, LastWords);
        _input.CancelPendingRead();
        return true;
    }

    /// <summary>Ends what is silent for too long, cuts off what does not go.</summary>
    /// <returns>How long until the next look; null where only something that happens meanwhile asks for one.</returns>
    internal TimeSpan? CheckTime()
    {
        if (_served.Task.IsCompleted)
        {
            return null;
        }

        if (_ended)
        {
            var gone = _listener.Time.GetElapsedTime(_endedAt);
            if (gone < LastWords)
            {
                return LastWords - gone;
            }

            _outbound.Abort();
            return null;
        }

        var silence = _listener.Time.GetElapsedTime(Volatile.Read(ref _lastHeard));
        if (!_connected)
        {
            var left = _listener.Options.ConnectTimeout - silence;
            return left > TimeSpan.Zero ? left : TimeIsUp(MqttReasonCode.Success, MqttRefusal.ConnectTimeout, MqttReasonCode.KeepAliveTimeout);
        }

        TimeSpan? next = null;
        if (_silenceAllowed > TimeSpan.Zero)
        {
            next = _silenceAllowed - (_paused ? TimeSpan.Zero : silence);
            if (next < TimeSpan.Zero)
            {
                return TimeIsUp(MqttReasonCode.KeepAliveTimeout, MqttRefusal.KeepAlive, MqttReasonCode.KeepAliveTimeout);
            }
        }

        if (_stalled)
        {
            var left = StallAllowed - silence;
            if (left < TimeSpan.Zero)
            {
                return TimeIsUp(MqttReasonCode.QuotaExceeded, MqttRefusal.Stalled, MqttReasonCode.QuotaExceeded);
            }

            next = next < left ? next : left;
        }

        return next;
    }

    private TimeSpan? TimeIsUp(MqttReasonCode told, MqttRefusal refusal, MqttReasonCode counted)
    {
        if (End(told))
        {
            _listener.Counters.Refused(refusal, counted);
        }

        return null;
    }

    internal async Task ServeAsync(CancellationToken cancellation)
    {
        Exception? bug = null;
        await using (cancellation.UnsafeRegister(
            static connection => ((MqttListenerConnection)connection!).End(MqttReasonCode.ServerShuttingDown), this))
        {
            try
            {
                if (await ShakeHandsAsync(cancellation))
                {
                    // The wait for the next bytes is this method's own: a read then makes no state machine, and an idle connection keeps one.
                    while (await TakeAsync(await _input.ReadAsync(), cancellation))
                    {
                    }
                }
            }
            catch (HandlerException exception)
            {
                bug = exception.InnerException;
                End(MqttReasonCode.ImplementationSpecificError);
            }
            catch (Exception)
            {
                // The transport broke: for the client's will and for the host that is the same as a silent close.
                End(MqttReasonCode.Success);
            }

            End(MqttReasonCode.Success);
            bug = await LeaveAsync(cancellation) ?? bug;
        }

        await _outbound.CompleteAsync();
        await _input.CompleteAsync();
        _served.TrySetResult();
        if (bug is not null)
        {
            throw new InvalidOperationException("The listener's handler failed.", bug);
        }
    }

    private async Task<Exception?> LeaveAsync(CancellationToken cancellation)
    {
        _listener.Release(this);
        foreach (var filter in _subscriptions?.Values ?? Enumerable.Empty<TopicFilter>())
        {
            _listener.Unsubscribe(filter, this);
        }

        try
        {
            await PublishWillAsync(TakeWill(), cancellation);
            return null;
        }
        catch (HandlerException exception)
        {
            return exception.InnerException;
        }
    }

    /// <summary>Takes the will, which is published once or, after a clean goodbye, never.</summary>
    private MqttWill? TakeWill() => Interlocked.Exchange(ref _will, null);

    private async ValueTask PublishWillAsync(MqttWill? will, CancellationToken cancellation)
    {
        if (will is null)
        {
            return;
        }

        var batch = default(MessageBatch);
        batch.Add(new MqttMessage(
            will.Topic, will.Payload, 0, MqttQos.AtMostOnce, will.Retain, false, false, WillMessage.Properties(will)));
        await HandOverAsync(batch, cancellation);
        batch.Clear();
    }

    private async ValueTask HandOverAsync(MessageBatch batch, CancellationToken cancellation)
    {
        _listener.Counters.Received(batch.Count);
        foreach (var message in batch.Messages.Span)
        {
            _listener.Route(this, message);
        }

        // Before the call: a host that works for long on this very thread holds up reading as one does that has it wait.
        _paused = true;
        try
        {
            await _listener.Handler.OnPublishesAsync(this, batch.Messages, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The host is stopping; nothing of this batch is acknowledged.
        }
        catch (Exception exception)
        {
            throw new HandlerException(exception);
        }

        Volatile.Write(ref _lastHeard, _listener.Time.GetTimestamp());
        _paused = false;
    }

    /// <summary>Tells a failure of the host's code from one of the transport.</summary>
    private sealed class HandlerException(Exception inner) : Exception(inner.Message, inner);
}
