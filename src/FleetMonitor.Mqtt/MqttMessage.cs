using FleetMonitor.Mqtt.Protocol;

namespace FleetMonitor.Mqtt;

/// <summary>
/// One application message as handed over by a connection, its topic alias resolved. The memory belongs to the
/// read buffer and is valid until the task that the handler returned completes.
/// </summary>
/// <param name="Topic">UTF-8, valid as a topic name.</param>
/// <param name="PacketId">What to acknowledge it by; 0 where there is nothing to acknowledge (QoS 0, wills).</param>
/// <param name="Retain">The RETAIN flag as it travelled.</param>
/// <param name="Duplicate">Set on a redelivery.</param>
/// <param name="DeliveredAsRetained">The message is no news: the broker kept it and sent it because of a new
/// subscription.</param>
public readonly record struct MqttMessage(
    ReadOnlyMemory<byte> Topic,
    ReadOnlyMemory<byte> Payload,
    ushort PacketId,
    MqttQos Qos,
    bool Retain,
    bool Duplicate,
    bool DeliveredAsRetained,
    MqttProperties Properties);
