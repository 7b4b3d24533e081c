using System.Buffers;

namespace FleetMonitor.Mqtt.Protocol;

/// <summary>
/// Writes packets. Callers hand over valid values (topics checked, identifiers not zero): what is written is
/// well-formed for the version given, and what a version can not say is left out.
/// </summary>
public static class MqttEncoder
{
    /// <summary>The whole size in bytes of the PUBLISH that <see cref="WritePublish"/> would write.</summary>
    public static long PublishSize(
        MqttVersion version, int topicLength, int payloadLength, MqttQos qos, int propertiesLength = 0)
    {
        var remaining = PublishRemaining(version, topicLength, payloadLength, qos, propertiesLength);
        return 1 + VarInt.Size((uint)Math.Min(remaining, VarInt.Maximum)) + remaining;
    }

    /// <summary>Writes a PUBLISH; the packet identifier is left out for QoS 0.</summary>
    public static void WritePublish(
        IBufferWriter<byte> writer,
        MqttVersion version,
        ReadOnlySpan<byte> topic,
        ReadOnlySpan<byte> payload,
        MqttQos qos,
        ushort packetId,
        bool retain = false,
        bool duplicate = false,
        ReadOnlySpan<byte> properties = default)
    {
        var remaining = PublishRemaining(version, topic.Length, payload.Length, qos, properties.Length);
        var flags = (int)qos << 1 | (retain ? 1 : 0) | (duplicate ? 8 : 0);
        WriteHeader(writer, MqttPacketType.Publish, flags, checked((int)remaining));
        writer.WriteBinary(topic);
        if (qos != MqttQos.AtMostOnce)
        {
            writer.WriteUInt16(packetId);
        }

        if (version == MqttVersion.V5)
        {
            writer.WriteVarInt((uint)properties.Length);
            writer.Write(properties);
        }

        writer.Write(payload);
    }

    /// <summary>Writes PUBACK, PUBREC, PUBREL or PUBCOMP; 3.1.1 carries no reason.</summary>
    public static void WriteAcknowledgement(
        IBufferWriter<byte> writer,
        MqttVersion version,
        MqttPacketType type,
        ushort packetId,
        MqttReasonCode reason = MqttReasonCode.Success,
        MqttProperties properties = default)
    {
        var flags = type == MqttPacketType.PubRel ? 2 : 0;
        var withProperties = version == MqttVersion.V5 && !properties.Encoded.IsEmpty;
        if (version == MqttVersion.V311 || (reason == MqttReasonCode.Success && !withProperties))
        {
            var span = writer.GetSpan(4);
            span[0] = (byte)((int)type << 4 | flags);
            span[1] = 2;
            span[2] = (byte)(packetId >> 8);
            span[3] = (byte)packetId;
            writer.Advance(4);
            return;
        }

        WriteHeader(writer, type, flags, withProperties ? 3 + BlockSize(properties) : 3);
        writer.WriteUInt16(packetId);
        writer.WriteByte((byte)reason);
        if (withProperties)
        {
            WriteBlock(writer, properties);
        }
    }

    public static void WriteConnect(IBufferWriter<byte> writer, MqttConnect connect)
    {
        var isV5 = connect.Version == MqttVersion.V5;
        var body = new ArrayBufferWriter<byte>();
        body.WriteBinary("MQTT"u8);
        body.WriteByte((byte)connect.Version);
        var will = connect.Will;
        var flags = (connect.CleanStart ? 0x02 : 0)
            | (will is null ? 0 : 0x04 | (int)will.Qos << 3 | (will.Retain ? 0x20 : 0))
            | (connect.Password is null ? 0 : 0x40)
            | (connect.UserName is null ? 0 : 0x80);
        body.WriteByte((byte)flags);
        body.WriteUInt16(connect.KeepAlive);
        if (isV5)
        {
            WriteBlock(body, connect.Properties);
        }

        body.WriteText(connect.ClientId);
        if (will is not null)
        {
            if (isV5)
            {
                WriteBlock(body, will.Properties);
            }

            body.WriteBinary(will.Topic.Span);
            body.WriteBinary(will.Payload.Span);
        }

        if (connect.UserName is { } user)
        {
            body.WriteText(user);
        }

        if (connect.Password is { } password)
        {
            body.WriteBinary(password.Span);
        }

        WriteWhole(writer, MqttPacketType.Connect, 0, body);
    }

    public static void WriteConnAck(IBufferWriter<byte> writer, MqttVersion version, MqttConnAck connAck)
    {
        var body = new ArrayBufferWriter<byte>();
        body.WriteByte(connAck.SessionPresent ? (byte)1 : (byte)0);
        if (version == MqttVersion.V5)
        {
            body.WriteByte((byte)connAck.Reason);
            WriteBlock(body, connAck.Properties);
        }
        else
        {
            body.WriteByte(MqttReturnCode.FromReason(connAck.Reason));
        }

        WriteWhole(writer, MqttPacketType.ConnAck, 0, body);
    }

    public static void WriteSubscribe(IBufferWriter<byte> writer, MqttVersion version, MqttSubscribe subscribe)
    {
        var body = StartWithId(version, subscribe.PacketId, subscribe.Properties);
        foreach (var subscription in subscribe.Subscriptions)
        {
            body.WriteText(subscription.Filter);
            var options = (int)subscription.Qos;
            if (version == MqttVersion.V5)
            {
                options |= (subscription.NoLocal ? 0x04 : 0)
                    | (subscription.RetainAsPublished ? 0x08 : 0)
                    | (int)subscription.RetainHandling << 4;
            }

            body.WriteByte((byte)options);
        }

        WriteWhole(writer, MqttPacketType.Subscribe, 2, body);
    }

    public static void WriteUnsubscribe(IBufferWriter<byte> writer, MqttVersion version, MqttUnsubscribe unsubscribe)
    {
        var body = StartWithId(version, unsubscribe.PacketId, unsubscribe.Properties);
        foreach (var filter in unsubscribe.Filters)
        {
            body.WriteText(filter);
        }

        WriteWhole(writer, MqttPacketType.Unsubscribe, 2, body);
    }

    /// <summary>Writes a SUBACK or UNSUBACK; 3.1.1 knows one failure code and no codes in UNSUBACK.</summary>
    public static void WriteSubscribeAck(
        IBufferWriter<byte> writer, MqttVersion version, MqttPacketType type, MqttSubscribeAck ack)
    {
        var body = StartWithId(version, ack.PacketId, ack.Properties);
        if (version == MqttVersion.V5 || type == MqttPacketType.SubAck)
        {
            foreach (var reason in ack.Reasons)
            {
                var isFailure = reason >= MqttReasonCode.UnspecifiedError;
                body.WriteByte(version == MqttVersion.V311 && isFailure ? (byte)0x80 : (byte)reason);
            }
        }

        WriteWhole(writer, type, 0, body);
    }

    public static void WritePingReq(IBufferWriter<byte> writer) => WriteHeader(writer, MqttPacketType.PingReq, 0, 0);

    public static void WritePingResp(IBufferWriter<byte> writer) => WriteHeader(writer, MqttPacketType.PingResp, 0, 0);

    /// <summary>Writes a DISCONNECT; 3.1.1 carries no reason.</summary>
    public static void WriteDisconnect(
        IBufferWriter<byte> writer, MqttVersion version, MqttReasonCode reason, MqttProperties properties = default) =>
        WriteReason(writer, version, MqttPacketType.Disconnect, reason, properties);

    /// <summary>Writes an AUTH, which exists in 5.0 alone.</summary>
    public static void WriteAuth(
        IBufferWriter<byte> writer, MqttReasonCode reason, MqttProperties properties = default) =>
        WriteReason(writer, MqttVersion.V5, MqttPacketType.Auth, reason, properties);

    private static void WriteReason(
        IBufferWriter<byte> writer, MqttVersion version, MqttPacketType type, MqttReasonCode reason,
        MqttProperties properties)
    {
        var isBare = properties.Encoded.IsEmpty;
        if (version == MqttVersion.V311 || (isBare && reason == MqttReasonCode.Success))
        {
            WriteHeader(writer, type, 0, 0);
            return;
        }

        WriteHeader(writer, type, 0, isBare ? 1 : 1 + BlockSize(properties));
        writer.WriteByte((byte)reason);
        if (!isBare)
        {
            WriteBlock(writer, properties);
        }
    }

    private static long PublishRemaining(
        MqttVersion version, int topicLength, int payloadLength, MqttQos qos, int propertiesLength) =>
        2L + topicLength + payloadLength + (qos == MqttQos.AtMostOnce ? 0 : 2)
            + (version == MqttVersion.V5 ? VarInt.Size((uint)propertiesLength) + propertiesLength : 0);

    private static ArrayBufferWriter<byte> StartWithId(MqttVersion version, ushort packetId, MqttProperties properties)
    {
        var body = new ArrayBufferWriter<byte>();
        body.WriteUInt16(packetId);
        if (version == MqttVersion.V5)
        {
            WriteBlock(body, properties);
        }

        return body;
    }

    private static int BlockSize(MqttProperties properties) =>
        VarInt.Size((uint)properties.Encoded.Length) + properties.Encoded.Length;

    private static void WriteBlock(IBufferWriter<byte> writer, MqttProperties properties)
    {
        writer.WriteVarInt((uint)properties.Encoded.Length);
        writer.Write(properties.Encoded.Span);
    }

    private static void WriteWhole(
        IBufferWriter<byte> writer, MqttPacketType type, int flags, ArrayBufferWriter<byte> body)
    {
        WriteHeader(writer, type, flags, body.WrittenCount);
        writer.Write(body.WrittenSpan);
    }

    private static void WriteHeader(IBufferWriter<byte> writer, MqttPacketType type, int flags, int remaining)
    {
        var span = writer.GetSpan(5);
        span[0] = (byte)((int)type << 4 | flags);
        writer.Advance(1 + VarInt.Write(span[1..], (uint)remaining));
    }
}
