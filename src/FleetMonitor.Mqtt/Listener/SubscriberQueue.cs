using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Mqtt.Transport;

namespace FleetMonitor.Mqtt.Listener;

/// <summary>What a subscription grants its subscriber.</summary>
internal readonly record struct SubscriptionGrant(MqttQos Qos, bool NoLocal, bool RetainAsPublished)
{
    /// <summary>What a subscriber gets whose filters overlap: one copy, the most generous.</summary>
    public static SubscriptionGrant Join(SubscriptionGrant a, SubscriptionGrant b) => new(
        a.Qos > b.Qos ? a.Qos : b.Qos, a.NoLocal && b.NoLocal, a.RetainAsPublished || b.RetainAsPublished);
}

/// <summary>
/// What one subscriber still has to get. QoS 1 messages beyond the client's Receive Maximum wait, up to a bound of
/// bytes; what does not fit is lost to this subscriber alone. All members run under the outbound gate.
/// </summary>
internal sealed class SubscriberQueue(
    OutboundBuffer outbound, MqttVersion version, int receiveMaximum, long maximumPacketSize, int backlog)
{
    private readonly HashSet<ushort> _inflight = [];
    private readonly Queue<Waiting> _waiting = new();
    private int _waitingBytes;
    private ushort _lastId;

    /// <summary>Sends or keeps a message; false where it is lost.</summary>
    public bool Offer(
        ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, MqttQos qos, bool retain, ReadOnlySpan<byte> properties)
    {
        var size = MqttEncoder.PublishSize(version, topic.Length, payload.Length, qos, properties.Length);
        if (size > maximumPacketSize || outbound.Pending + _waitingBytes + size > backlog)
        {
            return false;
        }

        if (qos == MqttQos.AtMostOnce)
        {
            MqttEncoder.WritePublish(outbound, version, topic, payload, qos, 0, retain, false, properties);
        }
        else if (_waiting.Count > 0 || _inflight.Count >= receiveMaximum)
        {
            // Only then are acknowledgements due, which will send it.
            _waiting.Enqueue(new Waiting(topic.ToArray(), payload.ToArray(), retain, properties.ToArray(), (int)size));
            _waitingBytes += (int)size;
        }
        else
        {
            Send(topic, payload, retain, properties);
        }

        outbound.Signal();
        return true;
    }

    /// <summary>Takes a PUBACK; false where nothing by that identifier is under way.</summary>
    public bool Acknowledged(ushort id)
    {
        if (!_inflight.Remove(id))
        {
            return false;
        }

        if (_waiting.TryDequeue(out var next))
        {
            _waitingBytes -= next.Size;
            Send(next.Topic, next.Payload, next.Retain, next.Properties);
            outbound.Signal();
        }

        return true;
    }

    private void Send(
        ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, bool retain, ReadOnlySpan<byte> properties)
    {
        do
        {
            _lastId = _lastId == ushort.MaxValue ? (ushort)1 : (ushort)(_lastId + 1);
        }
        while (!_inflight.Add(_lastId));

        MqttEncoder.WritePublish(
            outbound, version, topic, payload, MqttQos.AtLeastOnce, _lastId, retain, false, properties);
    }

    private readonly record struct Waiting(byte[] Topic, byte[] Payload, bool Retain, byte[] Properties, int Size);
}
