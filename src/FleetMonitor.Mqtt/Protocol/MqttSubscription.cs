namespace FleetMonitor.Mqtt.Protocol;

/// <summary>When a server sends the retained messages that match a new subscription (5.0 section 3.8.3.1).</summary>
public enum MqttRetainHandling : byte
{
    SendAtSubscribe = 0,
    SendIfNew = 1,
    DoNotSend = 2,
}

/// <summary>One topic filter of a SUBSCRIBE with its options; all but the QoS exist in 5.0 alone.</summary>
public readonly record struct MqttSubscription(
    string Filter,
    MqttQos Qos,
    bool NoLocal = false,
    bool RetainAsPublished = false,
    MqttRetainHandling RetainHandling = MqttRetainHandling.SendAtSubscribe);
