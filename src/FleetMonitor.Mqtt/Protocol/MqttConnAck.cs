namespace FleetMonitor.Mqtt.Protocol;

/// <summary>A CONNACK packet; 3.1.1 return codes are given as their reason codes.</summary>
public sealed record MqttConnAck(bool SessionPresent, MqttReasonCode Reason, MqttProperties Properties = default);
