using System.Buffers;

namespace FleetMonitor.Mqtt.Protocol;

/// <summary>
/// Takes packets off the front of a buffer. Total: any bytes give a packet, "need more" or an error with its
/// reason code. Holds no state, so that the result never depends on how the network cut the bytes.
/// </summary>
public static class MqttDecoder
{
    private const int MaxLengthBytes = 4;

    /// <summary>Decodes one packet and, on success, moves <paramref name="input"/> past it.</summary>
    /// <param name="input">What was read and not yet taken.</param>
    /// <param name="version">The version agreed in CONNECT; of no effect on CONNECT itself.</param>
    /// <param name="maxPacketSize">Largest whole packet in bytes; refused from the fixed header alone.</param>
    /// <param name="packet">The packet; its memory is that of <paramref name="input"/>, or a copy where the packet
    /// straddles segments.</param>
    /// <param name="error">Why the bytes are not MQTT.</param>
    public static MqttDecodeStatus Decode(
        ref ReadOnlySequence<byte> input,
        MqttVersion version,
        int maxPacketSize,
        out MqttPacket packet,
        out MqttProtocolError error)
    {
        packet = default;
        Span<byte> straddled = stackalloc byte[1 + MaxLengthBytes];
        scoped var header = input.FirstSpan;
        if (header.Length < straddled.Length && header.Length < input.Length)
        {
            var start = input.Slice(0, Math.Min(straddled.Length, input.Length));
            start.CopyTo(straddled);
            header = straddled[..(int)start.Length];
        }

        var status = ReadFixedHeader(header, version, maxPacketSize, out var fixedHeader, out error);
        if (status != MqttDecodeStatus.Packet)
        {
            return status;
        }

        if (input.Length < fixedHeader.PacketLength)
        {
            return MqttDecodeStatus.NeedMore;
        }

        var whole = input.First.Length >= fixedHeader.PacketLength
            ? input.First[..fixedHeader.PacketLength]
            : input.Slice(0, fixedHeader.PacketLength).ToArray();
        var body = new BodyReader(whole[fixedHeader.HeaderLength..]);
        packet = DecodeBody(ref body, fixedHeader, version);
        if (body.Failed)
        {
            packet = default;
            error = body.Error;
            return MqttDecodeStatus.Error;
        }

        input = input.Slice(fixedHeader.PacketLength);
        return MqttDecodeStatus.Packet;
    }

    private static MqttDecodeStatus ReadFixedHeader(
        ReadOnlySpan<byte> bytes, MqttVersion version, int maxPacketSize, out FixedHeader header,
        out MqttProtocolError error)
    {
        (header, error) = (default, default);
        if (bytes.IsEmpty)
        {
            return MqttDecodeStatus.NeedMore;
        }

        var type = (MqttPacketType)(bytes[0] >> 4);
        var flags = (byte)(bytes[0] & 0x0F);
        if (type == MqttPacketType.None || (type == MqttPacketType.Auth && version == MqttVersion.V311))
        {
            return Refuse(MqttReasonCode.MalformedPacket, "The packet type is reserved.", out error);
        }

        var reserved = type is MqttPacketType.PubRel or MqttPacketType.Subscribe or MqttPacketType.Unsubscribe ? 2 : 0;
        if (type != MqttPacketType.Publish && flags != reserved)
        {
            return Refuse(MqttReasonCode.MalformedPacket, "Reserved bits of the first byte are wrong.", out error);
        }

        var remaining = 0;
        for (var i = 1; i <= MaxLengthBytes; i++)
        {
            if (i >= bytes.Length)
            {
                return MqttDecodeStatus.NeedMore;
            }

            remaining |= (bytes[i] & 0x7F) << (7 * (i - 1));
            if ((bytes[i] & 0x80) != 0)
            {
                continue;
            }

            var isShortest = i == 1 || bytes[i] != 0;
            if (!isShortest && version == MqttVersion.V5 && type != MqttPacketType.Connect)
            {
                return Refuse(MqttReasonCode.MalformedPacket, "The remaining length is padded.", out error);
            }

            header = new FixedHeader(type, flags, 1 + i, 1 + i + remaining, isShortest);
            return header.PacketLength <= maxPacketSize
                ? MqttDecodeStatus.Packet
                : Refuse(MqttReasonCode.PacketTooLarge, "The packet is larger than announced.", out error);
        }

        return Refuse(MqttReasonCode.MalformedPacket, "The remaining length has more than four bytes.", out error);
    }

    private static MqttDecodeStatus Refuse(MqttReasonCode code, string detail, out MqttProtocolError error)
    {
        error = new MqttProtocolError(code, detail);
        return MqttDecodeStatus.Error;
    }

    private static MqttPacket DecodeBody(ref BodyReader body, FixedHeader header, MqttVersion version)
    {
        switch (header.Type)
        {
            case MqttPacketType.Connect:
                return ConnectCodec.ReadConnect(ref body, header.IsShortest);
            case MqttPacketType.ConnAck:
                return ConnectCodec.ReadConnAck(ref body, version);
            case MqttPacketType.Publish:
                return PublishCodec.ReadPublish(ref body, header.Flags, version);
            case MqttPacketType.PubAck or MqttPacketType.PubRec or MqttPacketType.PubRel or MqttPacketType.PubComp:
                return PublishCodec.ReadAcknowledgement(ref body, header.Type, version);
            case MqttPacketType.Subscribe:
                return SubscribeCodec.ReadSubscribe(ref body, version);
            case MqttPacketType.Unsubscribe:
                return SubscribeCodec.ReadUnsubscribe(ref body, version);
            case MqttPacketType.SubAck or MqttPacketType.UnsubAck:
                return SubscribeCodec.ReadAcknowledgement(ref body, header.Type, version);
            case MqttPacketType.Disconnect or MqttPacketType.Auth:
                return ConnectCodec.ReadDisconnectOrAuth(ref body, header.Type, version);
            default:
                body.ExpectEnd();
                return new MqttPacket { Type = header.Type };
        }
    }

    private readonly record struct FixedHeader(
        MqttPacketType Type, byte Flags, int HeaderLength, int PacketLength, bool IsShortest);
}
