using System.Text;
using FleetMonitor.Mqtt.Topics;

namespace FleetMonitor.Mqtt.Protocol;

/// <summary>Reads the packets that open and close a connection (MQTT 5.0 sections 3.1, 3.2, 3.14 and 3.15).</summary>
internal static class ConnectCodec
{
    public static MqttPacket ReadConnect(ref BodyReader body, bool lengthIsShortest)
    {
        var protocol = body.Text();
        var level = body.Byte();
        if (!body.Failed && (!protocol.Span.SequenceEqual("MQTT"u8) || level is not (4 or 5)))
        {
            body.Fail(MqttReasonCode.UnsupportedProtocolVersion, "The protocol is neither MQTT 3.1.1 nor 5.0.");
        }

        var version = (MqttVersion)level;
        var isV5 = version == MqttVersion.V5;
        if (isV5 && !lengthIsShortest)
        {
            body.Fail(MqttReasonCode.MalformedPacket, "The remaining length is padded.");
        }

        var flags = body.Byte();
        CheckConnectFlags(ref body, flags, isV5);
        var keepAlive = body.UInt16();
        var properties = isV5 ? PropertyRules.Read(ref body, PropertyBlock.Connect) : default;
        var clientId = body.Text();
        var will = (flags & 0x04) != 0 ? ReadWill(ref body, flags, isV5) : null;
        var userName = (flags & 0x80) != 0 ? body.Text() : default;
        var password = (flags & 0x40) != 0 ? body.Binary() : default;
        body.ExpectEnd();
        if (body.Failed)
        {
            return default;
        }

        return new MqttPacket
        {
            Type = MqttPacketType.Connect,
            Body = new MqttConnect
            {
                Version = version,
                ClientId = Encoding.UTF8.GetString(clientId.Span),
                CleanStart = (flags & 0x02) != 0,
                KeepAlive = keepAlive,
                UserName = (flags & 0x80) != 0 ? Encoding.UTF8.GetString(userName.Span) : null,
                Password = (flags & 0x40) != 0 ? password.ToArray() : null,
                Will = will,
                Properties = new MqttProperties(properties).Detached(),
            },
        };
    }

    public static MqttPacket ReadConnAck(ref BodyReader body, MqttVersion version)
    {
        var flags = body.Byte();
        var code = body.Byte();
        if ((flags & 0xFE) != 0)
        {
            body.Fail(MqttReasonCode.MalformedPacket, "Reserved bits of CONNACK are set.");
        }

        var reason = (MqttReasonCode)code;
        var properties = default(MqttProperties);
        if (version == MqttVersion.V5)
        {
            properties = new MqttProperties(PropertyRules.Read(ref body, PropertyBlock.ConnAck)).Detached();
            CheckReason(ref body, MqttPacketType.ConnAck, code);
        }
        else if (MqttReturnCode.ToReason(code) is { } mapped)
        {
            reason = mapped;
        }
        else
        {
            body.Fail(MqttReasonCode.MalformedPacket, "The return code is reserved.");
        }

        if (flags != 0 && code != 0)
        {
            body.Fail(MqttReasonCode.ProtocolError, "A refused connection claims a session.");
        }

        body.ExpectEnd();
        return body.Failed
            ? default
            : new MqttPacket
            {
                Type = MqttPacketType.ConnAck,
                Body = new MqttConnAck(flags != 0, reason, properties),
            };
    }

    public static MqttPacket ReadDisconnectOrAuth(ref BodyReader body, MqttPacketType type, MqttVersion version)
    {
        var code = (byte)0;
        var properties = default(ReadOnlyMemory<byte>);
        if (version == MqttVersion.V5 && body.Remaining > 0)
        {
            code = body.Byte();
            CheckReason(ref body, type, code);
            if (body.Remaining > 0)
            {
                var block = type == MqttPacketType.Auth ? PropertyBlock.Auth : PropertyBlock.Disconnect;
                properties = PropertyRules.Read(ref body, block);
            }
        }

        body.ExpectEnd();
        return new MqttPacket
        {
            Type = type,
            Reason = (MqttReasonCode)code,
            Properties = new MqttProperties(properties),
        };
    }

    public static void CheckReason(ref BodyReader body, MqttPacketType type, byte code)
    {
        if (!body.Failed && !ReasonCodes.IsAllowed(type, code))
        {
            body.Fail(MqttReasonCode.ProtocolError, "The reason code does not belong to this packet.");
        }
    }

    private static void CheckConnectFlags(ref BodyReader body, byte flags, bool isV5)
    {
        var hasWill = (flags & 0x04) != 0;
        var willQos = (flags >> 3) & 3;
        if ((flags & 0x01) != 0)
        {
            body.Fail(MqttReasonCode.MalformedPacket, "The reserved connect flag is set.");
        }
        else if (willQos == 3 || (!hasWill && (flags & 0x38) != 0))
        {
            body.Fail(MqttReasonCode.MalformedPacket, "The will flags contradict each other.");
        }
        else if (!isV5 && (flags & 0xC0) == 0x40)
        {
            body.Fail(MqttReasonCode.MalformedPacket, "A password comes without a user name.");
        }
    }

    private static MqttWill? ReadWill(ref BodyReader body, byte flags, bool isV5)
    {
        var properties = isV5 ? PropertyRules.Read(ref body, PropertyBlock.Will) : default;
        var topic = body.Text();
        var payload = body.Binary();
        if (!body.Failed && !TopicName.IsValid(topic.Span))
        {
            body.Fail(MqttReasonCode.TopicNameInvalid, "The will's topic is not a topic name.");
        }

        return body.Failed
            ? null
            : new MqttWill(
                topic.ToArray(),
                payload.ToArray(),
                (MqttQos)((flags >> 3) & 3),
                (flags & 0x20) != 0,
                new MqttProperties(properties).Detached());
    }
}
