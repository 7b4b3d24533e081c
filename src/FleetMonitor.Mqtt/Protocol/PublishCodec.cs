using FleetMonitor.Mqtt.Topics;

namespace FleetMonitor.Mqtt.Protocol;

/// <summary>Reads PUBLISH and its four acknowledgements (MQTT 5.0 sections 3.3 to 3.7).</summary>
internal static class PublishCodec
{
    public static MqttPacket ReadPublish(ref BodyReader body, byte flags, MqttVersion version)
    {
        var qos = (MqttQos)((flags >> 1) & 3);
        var duplicate = (flags & 0x08) != 0;
        if ((byte)qos == 3 || (duplicate && qos == MqttQos.AtMostOnce))
        {
            body.Fail(MqttReasonCode.MalformedPacket, "The publish flags contradict each other.");
        }

        var topic = body.Text();
        var packetId = qos == MqttQos.AtMostOnce ? (ushort)0 : body.PacketId();
        var properties = version == MqttVersion.V5
            ? new MqttProperties(PropertyRules.Read(ref body, PropertyBlock.Publish))
            : default;
        var alias = properties.Encoded.IsEmpty ? 0 : properties.Number(MqttPropertyId.TopicAlias) ?? 0;
        if (topic.IsEmpty)
        {
            if (version == MqttVersion.V311)
            {
                body.Fail(MqttReasonCode.TopicNameInvalid, "The topic is empty.");
            }
            else if (alias == 0)
            {
                body.Fail(MqttReasonCode.ProtocolError, "The topic is empty and no alias stands for it.");
            }
        }
        else if (!TopicName.IsValid(topic.Span))
        {
            body.Fail(MqttReasonCode.TopicNameInvalid, "The topic contains a wildcard.");
        }

        return new MqttPacket
        {
            Type = MqttPacketType.Publish,
            Publish = new MqttPublish(
                topic, body.Rest(), packetId, qos, (flags & 1) != 0, duplicate, (ushort)alias, properties),
        };
    }

    public static MqttPacket ReadAcknowledgement(ref BodyReader body, MqttPacketType type, MqttVersion version)
    {
        var packetId = body.PacketId();
        var code = (byte)0;
        var properties = default(MqttProperties);
        if (version == MqttVersion.V5 && body.Remaining > 0)
        {
            code = body.Byte();
            ConnectCodec.CheckReason(ref body, type, code);
            if (body.Remaining > 0)
            {
                properties = new MqttProperties(PropertyRules.Read(ref body, PropertyBlock.Acknowledgement));
            }
        }

        body.ExpectEnd();
        return new MqttPacket
        {
            Type = type,
            PacketId = packetId,
            Reason = (MqttReasonCode)code,
            Properties = properties,
        };
    }
}
