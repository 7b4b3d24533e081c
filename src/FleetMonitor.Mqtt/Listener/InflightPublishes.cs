using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Mqtt.Transport;

namespace FleetMonitor.Mqtt.Listener;

/// <summary>
/// QoS 1 publishes that the host has not acknowledged yet. A refusal is known at once but is answered in its
/// turn: PUBACKs leave in the order of the publishes (MQTT 5.0 section 4.6). All members run under the outbound gate.
/// </summary>
internal struct InflightPublishes
{
    private long _received;
    private long _answered;
    private Queue<(long Turn, ushort Id, MqttReasonCode Reason)>? _refused;

    public readonly int Count => (int)(_received - _answered);

    public void Received() => _received++;

    /// <summary>Answers a publish with a failure as soon as all before it are answered.</summary>
    public void Refused(OutboundBuffer outbound, MqttVersion version, ushort id, MqttReasonCode reason)
    {
        _refused ??= new();
        _refused.Enqueue((_received++, id, reason));
        AnswerRefused(outbound, version);
    }

    public void Acknowledge(OutboundBuffer outbound, MqttVersion version, ReadOnlySpan<ushort> ids)
    {
        foreach (var id in ids)
        {
            MqttEncoder.WriteAcknowledgement(outbound, version, MqttPacketType.PubAck, id);
            _answered++;
            AnswerRefused(outbound, version);
        }
    }

    private void AnswerRefused(OutboundBuffer outbound, MqttVersion version)
    {
        while (_refused is not null && _refused.TryPeek(out var next) && next.Turn == _answered)
        {
            _refused.Dequeue();
            MqttEncoder.WriteAcknowledgement(outbound, version, MqttPacketType.PubAck, next.Id, next.Reason);
            _answered++;
        }
    }
}
