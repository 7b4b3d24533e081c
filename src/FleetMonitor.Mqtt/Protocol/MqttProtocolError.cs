namespace FleetMonitor.Mqtt.Protocol;

/// <summary>
/// Why the peer's bytes are not MQTT: the reason code that a DISCONNECT (or CONNACK) carries, and a fixed
/// sentence that never contains the peer's data.
/// </summary>
public readonly record struct MqttProtocolError(MqttReasonCode Code, string Detail);
