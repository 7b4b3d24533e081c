namespace FleetMonitor.Mqtt.Protocol;

/// <summary>The protocol level a connection speaks; the value is the byte sent in CONNECT.</summary>
public enum MqttVersion : byte
{
    /// <summary>MQTT 3.1.1 (OASIS 2014, ISO/IEC 20922).</summary>
    V311 = 4,

    /// <summary>MQTT 5.0 (OASIS 2019).</summary>
    V5 = 5,
}
