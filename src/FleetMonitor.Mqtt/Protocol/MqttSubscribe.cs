namespace FleetMonitor.Mqtt.Protocol;

/// <summary>A SUBSCRIBE packet: at least one filter, each of them valid.</summary>
public sealed record MqttSubscribe(
    ushort PacketId, IReadOnlyList<MqttSubscription> Subscriptions, MqttProperties Properties = default);

/// <summary>An UNSUBSCRIBE packet: at least one filter, each of them valid.</summary>
public sealed record MqttUnsubscribe(
    ushort PacketId, IReadOnlyList<string> Filters, MqttProperties Properties = default);

/// <summary>
/// A SUBACK or UNSUBACK: one reason code a filter, in the order of the request (none in an UNSUBACK of 3.1.1).
/// </summary>
public sealed record MqttSubscribeAck(
    ushort PacketId, IReadOnlyList<MqttReasonCode> Reasons, MqttProperties Properties = default);
