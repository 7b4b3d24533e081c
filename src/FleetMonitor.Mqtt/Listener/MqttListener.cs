using System.Collections.Concurrent;
using System.IO.Pipelines;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Mqtt.Topics;

namespace FleetMonitor.Mqtt.Listener;

/// <summary>
/// The server side of MQTT 3.1.1 and 5.0 for clients that publish straight to the host, and a few that watch.
/// </summary>
/// <remarks>
/// Deliberately not a broker: subscribers are granted QoS 1 at most, no message is kept (one published with RETAIN is taken
/// as live: a device that asks for it has news all the same) and no session outlives its connection
/// (session present is always 0, session expiry 0 is announced). A QoS 1 publish is acknowledged when the host
/// says so, never before, and so is the first half of QoS 2 (<see cref="Transport.ExactlyOnceReceipts"/>); a subscriber
/// gets what is live, as far as it keeps up.
/// </remarks>
public sealed class MqttListener : IAsyncDisposable
{
    private static readonly TimeSpan LongestUnwatched = TimeSpan.FromMinutes(1);

    [ThreadStatic]
    private static Dictionary<MqttListenerConnection, SubscriptionGrant>? _matches;

    private readonly ConcurrentDictionary<MqttListenerConnection, byte> _connections = new();
    private readonly Dictionary<(string Owner, string ClientId), MqttListenerConnection> _sessions = [];
    private readonly SubscriptionTree<MqttListenerConnection, SubscriptionGrant> _subscriptions = new();
    private readonly Deadlines _deadlines = new();
    private readonly ITimer _sweep;
    private int _count;
    private volatile bool _stopping;

    public MqttListener(MqttListenerOptions options, IMqttListenerHandler handler, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfZero(options.ReceiveMaximum);
        (Options, Handler, Time) = (options, handler, time);
        _sweep = time.CreateTimer(_ => Sweep(), null, options.SweepInterval, options.SweepInterval);
    }

    internal MqttListenerOptions Options { get; }

    internal IMqttListenerHandler Handler { get; }

    internal TimeProvider Time { get; }

    internal MqttListenerCounters Counters { get; } = new();

    /// <summary>The counters as they stand.</summary>
    public MqttListenerSnapshot Snapshot() => Counters.Snapshot(Volatile.Read(ref _count));

    /// <summary>
    /// Serves one client from CONNECT to the end; returns when the transport is no longer used. Faults only with
    /// what the host's handler threw.
    /// </summary>
    /// <param name="cancellation">
    /// The host is stopping: the client is told, and what the handler waits for is given up. Never the token that a
    /// transport cancels when its peer is gone: what the peer sent last would be lost with it.
    /// </param>
    public async Task HandleAsync(IDuplexPipe transport, MqttPeer peer, CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref _count) > Options.MaximumConnections || _stopping)
        {
            Counters.Refused(MqttRefusal.ConnectionLimit, MqttReasonCode.QuotaExceeded);
            Interlocked.Decrement(ref _count);
            await transport.Output.CompleteAsync();
            await transport.Input.CompleteAsync();
            return;
        }

        var connection = new MqttListenerConnection(this, transport, peer);
        _connections.TryAdd(connection, 0);
        Watch(connection, Options.ConnectTimeout);
        try
        {
            if (_stopping)
            {
                connection.End(MqttReasonCode.ServerShuttingDown);
            }

            await connection.ServeAsync(cancellation);
        }
        finally
        {
            _connections.TryRemove(connection, out _);
            Interlocked.Decrement(ref _count);
        }
    }

    /// <summary>Publishes a message of the host to the subscribers of its topic; the bytes are copied.</summary>
    public void Publish(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, MqttQos qos) =>
        Route(null, topic, payload, qos, false, default);

    /// <summary>Ends the connections that the host no longer wants, each counted as taken back.</summary>
    public void End(Func<MqttListenerConnection, bool> unwanted, MqttReasonCode reason)
    {
        foreach (var (connection, _) in _connections)
        {
            if (unwanted(connection) && connection.End(reason))
            {
                Counters.Refused(MqttRefusal.TakenBack, reason);
            }
        }
    }

    /// <summary>Says goodbye to every client; each <see cref="HandleAsync"/> then returns by itself.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        foreach (var connection in _connections.Keys)
        {
            connection.End(MqttReasonCode.ServerShuttingDown);
        }

        // The sweep goes on until then: it cuts off who does not take the goodbye.
        foreach (var connection in _connections.Keys)
        {
            await connection.Served;
        }

        await _sweep.DisposeAsync();
    }

    /// <summary>Makes the connection the one of its owner and client id and gives back the one it takes over from.</summary>
    internal MqttListenerConnection? Claim(MqttListenerConnection connection)
    {
        lock (_sessions)
        {
            _sessions.TryGetValue((connection.Owner, connection.ClientId), out var former);
            _sessions[(connection.Owner, connection.ClientId)] = connection;
            return former;
        }
    }

    internal void Release(MqttListenerConnection connection)
    {
        lock (_sessions)
        {
            var id = (connection.Owner, connection.ClientId);
            if (_sessions.TryGetValue(id, out var current) && current == connection)
            {
                _sessions.Remove(id);
            }
        }
    }

    /// <summary>Looks after that time, or earlier, whether the connection has been silent for too long.</summary>
    internal void Watch(MqttListenerConnection connection, TimeSpan after)
    {
        var ticks = (long)(Math.Min(after.TotalSeconds, LongestUnwatched.TotalSeconds) * Time.TimestampFrequency);
        _deadlines.Set(connection, Time.GetTimestamp() + Math.Max(1, ticks));
    }

    internal bool TrySubscribe(TopicFilter filter, MqttListenerConnection connection, SubscriptionGrant grant) =>
        _subscriptions.TryAdd(filter, connection, grant);

    internal void Unsubscribe(TopicFilter filter, MqttListenerConnection connection) =>
        _subscriptions.Remove(filter, connection);

    internal void Route(MqttListenerConnection publisher, in MqttMessage message)
    {
        if (!_subscriptions.IsEmpty)
        {
            Route(
                publisher, message.Topic.Span, message.Payload.Span, message.Qos, message.Retain, message.Properties);
        }
    }

    private void Route(
        MqttListenerConnection? publisher,
        ReadOnlySpan<byte> topic,
        ReadOnlySpan<byte> payload,
        MqttQos qos,
        bool retain,
        MqttProperties properties)
    {
        var matches = _matches ??= [];
        var forwarded = ForwardedProperties.Of(properties);
        _subscriptions.Match(topic, matches, SubscriptionGrant.Join);
        foreach (var (subscriber, grant) in matches)
        {
            if (grant.NoLocal && subscriber == publisher)
            {
                continue;
            }

            var delivered = subscriber.Deliver(
                topic,
                payload,
                qos < grant.Qos ? qos : grant.Qos,
                retain && grant.RetainAsPublished,
                forwarded);
            if (delivered)
            {
                Counters.Delivered();
            }
            else
            {
                Counters.Dropped();
            }
        }

        matches.Clear();
    }

    private void Sweep()
    {
        var now = Time.GetTimestamp();
        while (_deadlines.TryTake(now, out var connection))
        {
            if (connection.CheckTime() is { } next)
            {
                Watch(connection, next);
            }
        }
    }
}
