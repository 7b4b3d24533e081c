namespace FleetMonitor.Mqtt.Protocol;

/// <summary>A PUBLISH as decoded: topic, payload and properties are slices of the buffer it was read from.</summary>
/// <param name="Topic">UTF-8; empty where <paramref name="TopicAlias"/> stands for it.</param>
/// <param name="Payload">The application's bytes, unchecked.</param>
/// <param name="PacketId">1..65535 for QoS 1 and 2, 0 for QoS 0.</param>
/// <param name="TopicAlias">The alias, or 0 where there is none.</param>
public readonly record struct MqttPublish(
    ReadOnlyMemory<byte> Topic,
    ReadOnlyMemory<byte> Payload,
    ushort PacketId,
    MqttQos Qos,
    bool Retain,
    bool Duplicate,
    ushort TopicAlias,
    MqttProperties Properties);
