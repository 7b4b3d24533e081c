namespace FleetMonitor.Mqtt.Protocol;

/// <summary>What a decoding step came to: any bytes give exactly one of these.</summary>
public enum MqttDecodeStatus
{
    /// <summary>The buffer ends inside a packet; nothing was consumed.</summary>
    NeedMore,

    /// <summary>One packet was taken from the front of the buffer.</summary>
    Packet,

    /// <summary>The bytes break the protocol; the connection must be closed.</summary>
    Error,
}
