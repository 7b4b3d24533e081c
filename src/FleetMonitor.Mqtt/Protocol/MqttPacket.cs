namespace FleetMonitor.Mqtt.Protocol;

/// <summary>
/// One decoded packet. The frequent ones live in the struct itself (<see cref="Publish"/>; <see cref="PacketId"/>
/// and <see cref="Reason"/> of PUBACK, PUBREC, PUBREL, PUBCOMP and of DISCONNECT and AUTH); the others are
/// objects in <see cref="Body"/> that own their memory.
/// </summary>
public readonly struct MqttPacket
{
    public required MqttPacketType Type { get; init; }

    public MqttPublish Publish { get; init; }

    public ushort PacketId { get; init; }

    public MqttReasonCode Reason { get; init; }

    /// <summary>Properties of an acknowledgement, DISCONNECT or AUTH; a slice of the read buffer.</summary>
    public MqttProperties Properties { get; init; }

    public object? Body { get; init; }
}
