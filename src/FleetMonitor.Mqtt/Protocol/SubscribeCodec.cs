using System.Text;
using FleetMonitor.Mqtt.Topics;

namespace FleetMonitor.Mqtt.Protocol;

/// <summary>Reads the packets that subscribe and unsubscribe (MQTT 5.0 sections 3.8 to 3.11).</summary>
internal static class SubscribeCodec
{
    public static MqttPacket ReadSubscribe(ref BodyReader body, MqttVersion version)
    {
        var packetId = body.PacketId();
        var properties = version == MqttVersion.V5 ? PropertyRules.Read(ref body, PropertyBlock.Subscribe) : default;
        var subscriptions = new List<MqttSubscription>();
        while (!body.Failed && body.Remaining > 0)
        {
            var filter = ReadFilter(ref body);
            var options = body.Byte();
            CheckOptions(ref body, options, filter.Span, version);
            if (!body.Failed)
            {
                subscriptions.Add(new MqttSubscription(
                    Encoding.UTF8.GetString(filter.Span),
                    (MqttQos)(options & 3),
                    (options & 0x04) != 0,
                    (options & 0x08) != 0,
                    (MqttRetainHandling)(options >> 4)));
            }
        }

        ExpectSome(ref body, subscriptions.Count);
        return body.Failed
            ? default
            : new MqttPacket
            {
                Type = MqttPacketType.Subscribe,
                PacketId = packetId,
                Body = new MqttSubscribe(packetId, subscriptions, new MqttProperties(properties).Detached()),
            };
    }

    public static MqttPacket ReadUnsubscribe(ref BodyReader body, MqttVersion version)
    {
        var packetId = body.PacketId();
        var properties = version == MqttVersion.V5 ? PropertyRules.Read(ref body, PropertyBlock.Unsubscribe) : default;
        var filters = new List<string>();
        while (!body.Failed && body.Remaining > 0)
        {
            var filter = ReadFilter(ref body);
            if (!body.Failed)
            {
                filters.Add(Encoding.UTF8.GetString(filter.Span));
            }
        }

        ExpectSome(ref body, filters.Count);
        return body.Failed
            ? default
            : new MqttPacket
            {
                Type = MqttPacketType.Unsubscribe,
                PacketId = packetId,
                Body = new MqttUnsubscribe(packetId, filters, new MqttProperties(properties).Detached()),
            };
    }

    public static MqttPacket ReadAcknowledgement(ref BodyReader body, MqttPacketType type, MqttVersion version)
    {
        var packetId = body.PacketId();
        var properties = version == MqttVersion.V5 ? PropertyRules.Read(ref body, PropertyBlock.SubscribeAck) : default;
        var reasons = new List<MqttReasonCode>();
        if (version == MqttVersion.V311 && type == MqttPacketType.UnsubAck)
        {
            body.ExpectEnd();
        }
        else
        {
            while (!body.Failed && body.Remaining > 0)
            {
                var code = body.Byte();
                if (version == MqttVersion.V311 && code is not (0 or 1 or 2 or 0x80))
                {
                    body.Fail(MqttReasonCode.MalformedPacket, "The return code is reserved.");
                }

                ConnectCodec.CheckReason(ref body, type, code);
                reasons.Add((MqttReasonCode)code);
            }

            ExpectSome(ref body, reasons.Count);
        }

        return body.Failed
            ? default
            : new MqttPacket
            {
                Type = type,
                PacketId = packetId,
                Body = new MqttSubscribeAck(packetId, reasons, new MqttProperties(properties).Detached()),
            };
    }

    private static ReadOnlyMemory<byte> ReadFilter(ref BodyReader body)
    {
        var filter = body.Text();
        if (!body.Failed && !TopicFilter.IsValid(filter.Span))
        {
            body.Fail(MqttReasonCode.TopicFilterInvalid, "A topic filter is empty or misplaces a wildcard.");
        }

        return filter;
    }

    private static void CheckOptions(
        ref BodyReader body, byte options, scoped ReadOnlySpan<byte> filter, MqttVersion version)
    {
        if ((options & (version == MqttVersion.V5 ? 0xC0 : 0xFC)) != 0)
        {
            body.Fail(MqttReasonCode.MalformedPacket, "Reserved subscription options are set.");
        }
        else if ((options & 3) == 3)
        {
            body.Fail(
                version == MqttVersion.V5 ? MqttReasonCode.ProtocolError : MqttReasonCode.MalformedPacket,
                "The requested QoS is 3.");
        }
        else if ((options & 0x30) == 0x30)
        {
            body.Fail(MqttReasonCode.ProtocolError, "Retain Handling is 3.");
        }
        else if ((options & 0x04) != 0 && TopicFilter.IsShared(filter))
        {
            body.Fail(MqttReasonCode.ProtocolError, "No Local is set on a shared subscription.");
        }
    }

    private static void ExpectSome(ref BodyReader body, int count)
    {
        if (count == 0)
        {
            body.Fail(MqttReasonCode.ProtocolError, "The packet names no filter.");
        }
    }
}
