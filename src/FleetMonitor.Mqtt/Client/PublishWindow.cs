using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Mqtt.Transport;

namespace FleetMonitor.Mqtt.Client;

/// <summary>
/// Publishes in order, QoS 1 pipelined up to the server's Receive Maximum and everything up to a bound of unsent
/// bytes; what does not fit waits its turn. All members but <see cref="Recycle"/> run under the outbound gate.
/// </summary>
internal sealed class PublishWindow(OutboundBuffer outbound, MqttVersion version)
{
    /// <summary>Packet identifiers above this belong to SUBSCRIBE and UNSUBSCRIBE.</summary>
    public const ushort LargestWindow = 60_000;

    private const int UnsentLimit = 256 * 1024;

    private readonly Queue<PublishOperation> _waiting = new();
    private readonly Stack<PublishOperation> _recycled = new();
    private readonly Queue<ushort> _freeIds = new();
    private PublishOperation?[] _inflight = [];

    /// <summary>Opens the window once the server's limit is known.</summary>
    public void Open(int size)
    {
        _inflight = new PublishOperation[Math.Min(size, LargestWindow)];
        for (var id = 1; id <= _inflight.Length; id++)
        {
            _freeIds.Enqueue((ushort)id);
        }
    }

    public ValueTask<MqttPublishResult> Publish(
        ReadOnlyMemory<byte> topic, ReadOnlyMemory<byte> payload, MqttQos qos, bool retain)
    {
        if (qos == MqttQos.AtMostOnce && _waiting.Count == 0 && HasRoom(qos))
        {
            MqttEncoder.WritePublish(outbound, version, topic.Span, payload.Span, qos, 0, retain);
            outbound.Signal();
            return ValueTask.FromResult(new MqttPublishResult(MqttPublishOutcome.Sent, MqttReasonCode.Success));
        }

        if (!_recycled.TryPop(out var operation))
        {
            operation = new PublishOperation(this);
        }

        operation.Start(topic, payload, qos, retain);
        var task = operation.Task;
        _waiting.Enqueue(operation);
        SendWaiting();
        return task;
    }

    /// <summary>Sends what waits and fits.</summary>
    public void SendWaiting()
    {
        while (_waiting.TryPeek(out var next) && HasRoom(next.Qos))
        {
            _waiting.Dequeue();
            var id = next.Qos == MqttQos.AtMostOnce ? (ushort)0 : _freeIds.Dequeue();
            MqttEncoder.WritePublish(
                outbound, version, next.Topic.Span, next.Payload.Span, next.Qos, id, next.Retain);
            next.ForgetMessage();
            if (id == 0)
            {
                next.Complete(new MqttPublishResult(MqttPublishOutcome.Sent, MqttReasonCode.Success));
            }
            else
            {
                _inflight[id - 1] = next;
            }
        }

        outbound.Signal();
    }

    /// <summary>Takes a PUBACK; false where nothing by that identifier is under way.</summary>
    public bool Acknowledged(ushort id, MqttReasonCode reason)
    {
        if (id > _inflight.Length || _inflight[id - 1] is not { } operation)
        {
            return false;
        }

        _inflight[id - 1] = null;
        _freeIds.Enqueue(id);
        operation.Complete(new MqttPublishResult(
            reason < MqttReasonCode.UnspecifiedError ? MqttPublishOutcome.Acknowledged : MqttPublishOutcome.Refused,
            reason));
        return true;
    }

    /// <summary>Ends every publish that is waiting or under way.</summary>
    public void Close(MqttReasonCode reason)
    {
        var closed = new MqttPublishResult(MqttPublishOutcome.ConnectionClosed, reason);
        for (var i = 0; i < _inflight.Length; i++)
        {
            _inflight[i]?.Complete(closed);
            _inflight[i] = null;
        }

        while (_waiting.TryDequeue(out var operation))
        {
            operation.ForgetMessage();
            operation.Complete(closed);
        }
    }

    public void Recycle(PublishOperation operation)
    {
        lock (outbound.Gate)
        {
            _recycled.Push(operation);
        }
    }

    private bool HasRoom(MqttQos qos) =>
        outbound.Pending < UnsentLimit && (qos == MqttQos.AtMostOnce || _freeIds.Count > 0);
}
