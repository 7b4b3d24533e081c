using FleetMonitor.Mqtt.Topics;

namespace FleetMonitor.Mqtt.Protocol;

/// <summary>How a property's value is laid out on the wire.</summary>
internal enum PropertyShape : byte
{
    Unknown,
    Byte,
    UInt16,
    UInt32,
    VarInt,
    Text,
    Binary,
    TextPair,
}

/// <summary>The blocks of properties; a will's block stands inside CONNECT and has rules of its own.</summary>
internal enum PropertyBlock
{
    Connect,
    Will,
    ConnAck,
    Publish,
    Acknowledgement,
    Subscribe,
    SubscribeAck,
    Unsubscribe,
    Disconnect,
    Auth,
}

/// <summary>Shape, place, number and range of every property (MQTT 5.0 table 2-4 and chapter 3).</summary>
internal static class PropertyRules
{
    private const ulong ReasonAndUser = 1UL << 0x1F | 1UL << 0x26;
    private const ulong Message = 1UL << 0x01 | 1UL << 0x02 | 1UL << 0x03 | 1UL << 0x08 | 1UL << 0x09 | 1UL << 0x26;
    private const ulong Authentication = 1UL << 0x15 | 1UL << 0x16;

    public static PropertyShape ShapeOf(uint id) => id switch
    {
        0x01 or 0x17 or 0x19 or 0x24 or 0x25 or 0x28 or 0x29 or 0x2A => PropertyShape.Byte,
        0x13 or 0x21 or 0x22 or 0x23 => PropertyShape.UInt16,
        0x02 or 0x11 or 0x18 or 0x27 => PropertyShape.UInt32,
        0x0B => PropertyShape.VarInt,
        0x03 or 0x08 or 0x12 or 0x15 or 0x1A or 0x1C or 0x1F => PropertyShape.Text,
        0x09 or 0x16 => PropertyShape.Binary,
        0x26 => PropertyShape.TextPair,
        _ => PropertyShape.Unknown,
    };

    private static ulong AllowedIn(PropertyBlock block) => block switch
    {
        PropertyBlock.Connect => 1UL << 0x11 | 1UL << 0x17 | 1UL << 0x19 | 1UL << 0x21 | 1UL << 0x22 | 1UL << 0x26
            | 1UL << 0x27 | Authentication,
        PropertyBlock.Will => Message | 1UL << 0x18,
        PropertyBlock.ConnAck => 1UL << 0x11 | 1UL << 0x12 | 1UL << 0x13 | 1UL << 0x1A | 1UL << 0x1C | 1UL << 0x21
            | 1UL << 0x22 | 1UL << 0x24 | 1UL << 0x25 | 1UL << 0x27 | 1UL << 0x28 | 1UL << 0x29 | 1UL << 0x2A
            | Authentication | ReasonAndUser,
        PropertyBlock.Publish => Message | 1UL << 0x0B | 1UL << 0x23,
        PropertyBlock.Subscribe => 1UL << 0x0B | 1UL << 0x26,
        PropertyBlock.Unsubscribe => 1UL << 0x26,
        PropertyBlock.Disconnect => 1UL << 0x11 | 1UL << 0x1C | ReasonAndUser,
        PropertyBlock.Auth => Authentication | ReasonAndUser,
        _ => ReasonAndUser,
    };

    /// <summary>Reads a length-prefixed block, checks every property in it and returns its bytes.</summary>
    public static ReadOnlyMemory<byte> Read(ref BodyReader body, PropertyBlock block)
    {
        var length = body.VarInt();
        if (length > body.Remaining)
        {
            body.Fail(MqttReasonCode.MalformedPacket, "The properties are longer than the packet.");
        }

        if (body.Failed || length == 0)
        {
            return default;
        }

        var encoded = body.Take((int)length);
        var reader = new BodyReader(encoded);
        Check(ref reader, block);
        if (reader.Failed)
        {
            body.Fail(reader.Error.Code, reader.Error.Detail);
            return default;
        }

        return encoded;
    }

    private static void Check(ref BodyReader reader, PropertyBlock block)
    {
        var allowed = AllowedIn(block);
        var seen = 0UL;
        while (!reader.Failed && reader.Remaining > 0)
        {
            var id = reader.VarInt();
            var shape = ShapeOf(id);
            if (reader.Failed || shape == PropertyShape.Unknown || (allowed & 1UL << (int)id) == 0)
            {
                reader.Fail(MqttReasonCode.MalformedPacket, "A property is unknown or stands in the wrong packet.");
                return;
            }

            var mayRepeat = id == (byte)MqttPropertyId.UserProperty
                || (id == (byte)MqttPropertyId.SubscriptionIdentifier && block == PropertyBlock.Publish);
            if ((seen & 1UL << (int)id) != 0 && !mayRepeat)
            {
                reader.Fail(MqttReasonCode.ProtocolError, "A property is given twice.");
                return;
            }

            seen |= 1UL << (int)id;
            CheckValue(ref reader, (MqttPropertyId)id, shape);
        }

        if (block == PropertyBlock.Connect && (seen & Authentication) == 1UL << 0x16)
        {
            reader.Fail(MqttReasonCode.ProtocolError, "Authentication data come without a method.");
        }
    }

    private static void CheckValue(ref BodyReader reader, MqttPropertyId id, PropertyShape shape)
    {
        switch (shape)
        {
            case PropertyShape.Byte:
                // Every single-byte property is a flag or a maximum QoS below 2.
                if (reader.Byte() > 1)
                {
                    reader.Fail(MqttReasonCode.ProtocolError, "A property's value is not 0 or 1.");
                }

                break;
            case PropertyShape.UInt16:
                var number = reader.UInt16();
                if (number == 0 && id == MqttPropertyId.TopicAlias)
                {
                    reader.Fail(MqttReasonCode.TopicAliasInvalid, "The topic alias is zero.");
                }
                else if (number == 0 && id == MqttPropertyId.ReceiveMaximum)
                {
                    reader.Fail(MqttReasonCode.ProtocolError, "Receive Maximum is zero.");
                }

                break;
            case PropertyShape.UInt32:
                if (reader.UInt32() == 0 && id == MqttPropertyId.MaximumPacketSize)
                {
                    reader.Fail(MqttReasonCode.ProtocolError, "Maximum Packet Size is zero.");
                }

                break;
            case PropertyShape.VarInt:
                if (reader.VarInt() == 0)
                {
                    reader.Fail(MqttReasonCode.ProtocolError, "The subscription identifier is zero.");
                }

                break;
            case PropertyShape.Text:
                var text = reader.Text();
                if (id == MqttPropertyId.ResponseTopic && !TopicName.IsValid(text.Span))
                {
                    reader.Fail(MqttReasonCode.TopicNameInvalid, "The response topic is not a topic name.");
                }

                break;
            case PropertyShape.Binary:
                reader.Binary();
                break;
            default:
                reader.Text();
                reader.Text();
                break;
        }
    }
}
