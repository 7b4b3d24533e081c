namespace FleetMonitor.Mqtt.Protocol;

/// <summary>Quality of service: how often a message may or must arrive.</summary>
public enum MqttQos : byte
{
    AtMostOnce = 0,
    AtLeastOnce = 1,
    ExactlyOnce = 2,
}
