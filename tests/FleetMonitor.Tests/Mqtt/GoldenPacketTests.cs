using System.Text;
using FleetMonitor.Mqtt.Protocol;
using Xunit;
using static FleetMonitor.Mqtt.Protocol.MqttVersion;

namespace FleetMonitor.Tests.Mqtt;

/// <summary>Packets spelt out byte by byte from the rules of MQTT 3.1.1 and 5.0, in both directions.</summary>
public sealed class GoldenPacketTests
{
    [Fact]
    public void Connect_OfVersion311WithEverything_IsThatOfTheStandard()
    {
        var connect = new MqttConnect
        {
            Version = V311,
            ClientId = "rig",
            CleanStart = true,
            KeepAlive = 60,
            UserName = "u",
            Password = "pw"u8.ToArray(),
            Will = new MqttWill("w/t"u8.ToArray(), "off"u8.ToArray(), MqttQos.AtLeastOnce, true),
        };

        var bytes = Wire.Write(writer => MqttEncoder.WriteConnect(writer, connect));

        // Flags: user, password, will retain, will QoS 1, will, clean session = 1110 1110.
        var golden = Wire.Hex(
            "10 20 0004 4D515454 04 EE 003C 0003 726967 0003 772F74 0003 6F6666 0001 75 0002 7077");
        Assert.Equal(golden, bytes);
        var decoded = Assert.IsType<MqttConnect>(Wire.Packet(V5, golden).Body);
        Assert.Equal(("rig", true, (ushort)60, "u"), (
            decoded.ClientId, decoded.CleanStart, decoded.KeepAlive, decoded.UserName));
        Assert.Equal("pw"u8.ToArray(), decoded.Password!.Value.ToArray());
        Assert.Equal((MqttQos.AtLeastOnce, true), (decoded.Will!.Qos, decoded.Will.Retain));
        Assert.Equal("off"u8.ToArray(), decoded.Will.Payload.ToArray());
    }

    [Fact]
    public void Connect_OfVersion5WithProperties_IsThatOfTheStandard()
    {
        var connect = new MqttConnect
        {
            Version = V5,
            ClientId = "a",
            CleanStart = false,
            KeepAlive = 10,
            Properties = new MqttPropertyWriter()
                .Add(MqttPropertyId.SessionExpiryInterval, 3600)
                .Add(MqttPropertyId.ReceiveMaximum, 10_000)
                .AddUser("k", "v")
                .Build(),
        };

        var bytes = Wire.Write(writer => MqttEncoder.WriteConnect(writer, connect));

        var golden = Wire.Hex(
            "10 1D 0004 4D515454 05 00 000A 0F 11 00000E10 21 2710 26 0001 6B 0001 76 0001 61");
        Assert.Equal(golden, bytes);
        var decoded = Assert.IsType<MqttConnect>(Wire.Packet(V311, golden).Body);
        Assert.Equal(V5, decoded.Version);
        Assert.Equal(3600u, decoded.Properties.Number(MqttPropertyId.SessionExpiryInterval));
        Assert.Equal(10_000u, decoded.Properties.Number(MqttPropertyId.ReceiveMaximum));
        Assert.Equal("v", decoded.Properties.Text(MqttPropertyId.UserProperty));
        Assert.Null(decoded.Properties.Number(MqttPropertyId.TopicAliasMaximum));
    }

    [Theory]
    [InlineData(V311, "20 02 01 00", true, MqttReasonCode.Success)]
    [InlineData(V311, "20 02 00 05", false, MqttReasonCode.NotAuthorized)]
    [InlineData(V5, "20 03 01 00 00", true, MqttReasonCode.Success)]
    [InlineData(V5, "20 03 00 87 00", false, MqttReasonCode.NotAuthorized)]
    public void ConnAck_OfEitherVersion_SaysSessionAndReason(
        MqttVersion version, string golden, bool session, MqttReasonCode reason)
    {
        var decoded = Assert.IsType<MqttConnAck>(Wire.Packet(version, Wire.Hex(golden)).Body);

        Assert.Equal((session, reason), (decoded.SessionPresent, decoded.Reason));
        Assert.Equal(Wire.Hex(golden), Wire.Write(writer => MqttEncoder.WriteConnAck(writer, version, decoded)));
    }

    [Theory]
    [InlineData(V311, MqttQos.AtMostOnce, 0, false, false, "30 07 0003 612F62 6869")]
    [InlineData(V311, MqttQos.AtLeastOnce, 10, true, false, "33 09 0003 612F62 000A 6869")]
    [InlineData(V311, MqttQos.AtLeastOnce, 10, false, true, "3A 09 0003 612F62 000A 6869")]
    [InlineData(V5, MqttQos.AtMostOnce, 0, false, false, "30 08 0003 612F62 00 6869")]
    [InlineData(V5, MqttQos.AtLeastOnce, 65535, false, false, "32 0A 0003 612F62 FFFF 00 6869")]
    public void Publish_OfEitherVersion_IsThatOfTheStandard(
        MqttVersion version, MqttQos qos, int id, bool retain, bool duplicate, string golden)
    {
        var bytes = Wire.Write(writer => MqttEncoder.WritePublish(
            writer, version, "a/b"u8, "hi"u8, qos, (ushort)id, retain, duplicate));

        Assert.Equal(Wire.Hex(golden), bytes);
        Assert.Equal(bytes.Length, MqttEncoder.PublishSize(version, 3, 2, qos));
        var publish = Wire.Packet(version, bytes).Publish;
        Assert.Equal((qos, (ushort)id, retain, duplicate), (
            publish.Qos, publish.PacketId, publish.Retain, publish.Duplicate));
        Assert.Equal("a/b", Encoding.UTF8.GetString(publish.Topic.Span));
        Assert.Equal("hi", Encoding.UTF8.GetString(publish.Payload.Span));
    }

    [Fact]
    public void Publish_WithAliasAndNoTopic_GivesTheAlias()
    {
        var publish = Wire.Packet(V5, Wire.Hex("30 07 0000 03 23 0007 78")).Publish;

        Assert.Equal(7, publish.TopicAlias);
        Assert.True(publish.Topic.IsEmpty);
        Assert.Equal("x"u8.ToArray(), publish.Payload.ToArray());
    }

    [Fact]
    public void Publish_InOneSegment_IsNotCopied()
    {
        var bytes = Wire.Hex("30 07 0003 612F62 6869");

        var publish = Wire.Packet(V311, bytes).Publish;
        bytes[^1] = (byte)'o';

        Assert.Equal("ho", Encoding.UTF8.GetString(publish.Payload.Span));
    }

    [Theory]
    [InlineData(V311, MqttPacketType.PubAck, MqttReasonCode.Success, "40 02 0102")]
    [InlineData(V5, MqttPacketType.PubAck, MqttReasonCode.Success, "40 02 0102")]
    [InlineData(V5, MqttPacketType.PubAck, MqttReasonCode.NotAuthorized, "40 03 0102 87")]
    [InlineData(V5, MqttPacketType.PubRec, MqttReasonCode.QuotaExceeded, "50 03 0102 97")]
    [InlineData(V5, MqttPacketType.PubRel, MqttReasonCode.PacketIdentifierNotFound, "62 03 0102 92")]
    [InlineData(V311, MqttPacketType.PubComp, MqttReasonCode.Success, "70 02 0102")]
    public void Acknowledgement_OfEveryKind_IsThatOfTheStandard(
        MqttVersion version, MqttPacketType type, MqttReasonCode reason, string golden)
    {
        var bytes = Wire.Write(writer =>
            MqttEncoder.WriteAcknowledgement(writer, version, type, 0x0102, reason));

        Assert.Equal(Wire.Hex(golden), bytes);
        var packet = Wire.Packet(version, bytes);
        Assert.Equal((type, (ushort)0x0102, reason), (packet.Type, packet.PacketId, packet.Reason));
    }

    [Theory]
    [InlineData(V311, "82 0B 0001 0001 23 01 0002 612F 00", MqttRetainHandling.SendAtSubscribe, false)]
    [InlineData(V5, "82 0C 0001 00 0001 23 29 0002 612F 28", MqttRetainHandling.DoNotSend, true)]
    public void Subscribe_OfEitherVersion_IsThatOfTheStandard(
        MqttVersion version, string golden, MqttRetainHandling handling, bool asPublished)
    {
        // 5.0 options: Retain Handling 2 (bits 5-4), Retain As Published (bit 3), QoS: 0010 1001 and 0010 1000.
        var decoded = Assert.IsType<MqttSubscribe>(Wire.Packet(version, Wire.Hex(golden)).Body);

        Assert.Equal(
            [
                new MqttSubscription("#", MqttQos.AtLeastOnce, false, asPublished, handling),
                new MqttSubscription("a/", MqttQos.AtMostOnce, false, asPublished, handling),
            ],
            decoded.Subscriptions);
        Assert.Equal(Wire.Hex(golden), Wire.Write(writer => MqttEncoder.WriteSubscribe(writer, version, decoded)));
    }

    [Theory]
    [InlineData(V311, MqttPacketType.SubAck, "90 04 0009 01 80")]
    [InlineData(V5, MqttPacketType.SubAck, "90 05 0009 00 01 80")]
    [InlineData(V5, MqttPacketType.UnsubAck, "B0 05 0009 00 00 11")]
    public void SubscribeAck_OfEitherVersion_GivesOneReasonAFilter(
        MqttVersion version, MqttPacketType type, string golden)
    {
        var decoded = Assert.IsType<MqttSubscribeAck>(Wire.Packet(version, Wire.Hex(golden)).Body);

        Assert.Equal(9, decoded.PacketId);
        Assert.Equal(2, decoded.Reasons.Count);
        Assert.Equal(
            Wire.Hex(golden),
            Wire.Write(writer => MqttEncoder.WriteSubscribeAck(writer, version, type, decoded)));
    }

    [Theory]
    [InlineData(V311, "A2 05 0003 0001 61")]
    [InlineData(V5, "A2 06 0003 00 0001 61")]
    public void Unsubscribe_OfEitherVersion_IsThatOfTheStandard(MqttVersion version, string golden)
    {
        var decoded = Assert.IsType<MqttUnsubscribe>(Wire.Packet(version, Wire.Hex(golden)).Body);

        Assert.Equal((3, "a"), (decoded.PacketId, Assert.Single(decoded.Filters)));
        Assert.Equal(Wire.Hex(golden), Wire.Write(writer => MqttEncoder.WriteUnsubscribe(writer, version, decoded)));
    }

    [Theory]
    [InlineData(V311, "B0 02 0003", MqttPacketType.UnsubAck)]
    [InlineData(V311, "C0 00", MqttPacketType.PingReq)]
    [InlineData(V5, "D0 00", MqttPacketType.PingResp)]
    [InlineData(V311, "E0 00", MqttPacketType.Disconnect)]
    [InlineData(V5, "E0 00", MqttPacketType.Disconnect)]
    [InlineData(V5, "F0 00", MqttPacketType.Auth)]
    public void ShortPacket_OfEveryKind_IsKnown(MqttVersion version, string golden, MqttPacketType type)
    {
        var packet = Wire.Packet(version, Wire.Hex(golden));

        Assert.Equal((type, MqttReasonCode.Success), (packet.Type, packet.Reason));
    }

    [Fact]
    public void DisconnectAndAuth_WithReasonAndProperties_AreThoseOfTheStandard()
    {
        var why = new MqttPropertyWriter().Add(MqttPropertyId.ReasonString, "no").Build();
        var method = new MqttPropertyWriter().Add(MqttPropertyId.AuthenticationMethod, "m").Build();

        Assert.Equal(
            Wire.Hex("E0 07 8E 05 1F 0002 6E6F"),
            Wire.Write(w => MqttEncoder.WriteDisconnect(w, V5, MqttReasonCode.SessionTakenOver, why)));
        Assert.Equal(
            Wire.Hex("F0 06 18 04 15 0001 6D"),
            Wire.Write(w => MqttEncoder.WriteAuth(w, MqttReasonCode.ContinueAuthentication, method)));
        Assert.Equal(
            "no", Wire.Packet(V5, Wire.Hex("E0 07 8E 05 1F 0002 6E6F")).Properties.Text(MqttPropertyId.ReasonString));
    }

    [Theory]
    [InlineData(0u, "00")]
    [InlineData(127u, "7F")]
    [InlineData(128u, "8001")]
    [InlineData(16_383u, "FF7F")]
    [InlineData(16_384u, "808001")]
    [InlineData(2_097_151u, "FFFF7F")]
    [InlineData(2_097_152u, "80808001")]
    [InlineData(268_435_455u, "FFFFFF7F")]
    public void VariableByteInteger_AtEveryWidth_IsThatOfTheStandard(uint value, string golden)
    {
        var block = new MqttPropertyWriter().Add(MqttPropertyId.SubscriptionIdentifier, value).Build();

        Assert.Equal(Wire.Hex("0B" + golden), block.Encoded.ToArray());
        Assert.Equal(value, block.Number(MqttPropertyId.SubscriptionIdentifier));
    }
}
