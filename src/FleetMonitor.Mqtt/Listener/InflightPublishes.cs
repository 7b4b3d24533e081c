using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Mqtt.Transport;

namespace FleetMonitor.Mqtt.Listener;

/// <summary>
/// QoS 1 and 2 publishes that the host has not acknowledged yet. A refusal is known at once but is answered in its
/// turn: PUBACKs leave in the order of the publishes, and so do PUBRECs (MQTT 5.0 section 4.6). All members run under
/// the outbound gate.
/// </summary>
internal struct InflightPublishes
{
    private long _received;
    private long _answered;
    private Queue<(long Turn, MqttPacketType Answer, ushort Id, MqttReasonCode Reason)>? _refused;
    private ExactlyOnceReceipts? _exactlyOnce;

    /// <summary>Publishes that wait for the host.</summary>
    public readonly int Count => (int)(_received - _answered);

    /// <summary>QoS 2 publishes that the host has acknowledged and the client has not released.</summary>
    public readonly int Unreleased => _exactlyOnce?.Unreleased ?? 0;

    /// <summary>True where the message is to be handed over; false for one that came before.</summary>
    public bool Received(OutboundBuffer outbound, MqttVersion version, MqttQos qos, ushort id)
    {
        if (qos == MqttQos.ExactlyOnce && !(_exactlyOnce ??= new()).Begin(id, out var isAnswered))
        {
            if (isAnswered)
            {
                MqttEncoder.WriteAcknowledgement(outbound, version, MqttPacketType.PubRec, id);
            }

            return false;
        }

        _received++;
        return true;
    }

    /// <summary>Answers a publish with a failure as soon as all before it are answered.</summary>
    public void Refused(OutboundBuffer outbound, MqttVersion version, MqttQos qos, ushort id, MqttReasonCode reason)
    {
        _refused ??= new();
        var answer = qos == MqttQos.ExactlyOnce ? MqttPacketType.PubRec : MqttPacketType.PubAck;
        _refused.Enqueue((_received++, answer, id, reason));
        AnswerRefused(outbound, version);
    }

    public void Acknowledge(OutboundBuffer outbound, MqttVersion version, ReadOnlySpan<ushort> ids)
    {
        foreach (var id in ids)
        {
            var answer = _exactlyOnce?.Answer(id) ?? MqttPacketType.PubAck;
            MqttEncoder.WriteAcknowledgement(outbound, version, answer, id);
            _answered++;
            AnswerRefused(outbound, version);
        }
    }

    /// <summary>Answers PUBREL; false where it came too early.</summary>
    public readonly bool Release(OutboundBuffer outbound, MqttVersion version, ushort id)
    {
        var found = _exactlyOnce?.Release(id) ?? MqttRelease.Unknown;
        if (found == MqttRelease.TooEarly)
        {
            return false;
        }

        var reason = found == MqttRelease.Released ? MqttReasonCode.Success : MqttReasonCode.PacketIdentifierNotFound;
        MqttEncoder.WriteAcknowledgement(outbound, version, MqttPacketType.PubComp, id, reason);
        return true;
    }

    private void AnswerRefused(OutboundBuffer outbound, MqttVersion version)
    {
        while (_refused is not null && _refused.TryPeek(out var next) && next.Turn == _answered)
        {
            _refused.Dequeue();
            MqttEncoder.WriteAcknowledgement(outbound, version, next.Answer, next.Id, next.Reason);
            _answered++;
        }
    }
}
