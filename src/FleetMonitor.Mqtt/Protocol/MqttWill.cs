namespace FleetMonitor.Mqtt.Protocol;

/// <summary>The message that a server publishes when the client goes without saying goodbye.</summary>
public sealed record MqttWill(
    ReadOnlyMemory<byte> Topic,
    ReadOnlyMemory<byte> Payload,
    MqttQos Qos,
    bool Retain,
    MqttProperties Properties = default);
