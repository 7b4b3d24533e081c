using FleetMonitor.Mqtt.Protocol;
using Xunit;
using static FleetMonitor.Mqtt.Protocol.MqttReasonCode;
using static FleetMonitor.Mqtt.Protocol.MqttVersion;

namespace FleetMonitor.Tests.Mqtt;

/// <summary>Every way in which bytes are not MQTT, with the code the peer is told.</summary>
public sealed class MalformedPacketTests
{
    [Theory]
    [InlineData("a reserved packet type", V5, "00 00", MalformedPacket)]
    [InlineData("AUTH before 5.0", V311, "F0 00", MalformedPacket)]
    [InlineData("reserved bits of PINGREQ", V5, "C1 00", MalformedPacket)]
    [InlineData("reserved bits of SUBSCRIBE", V5, "80 06 0001 00 0001 61", MalformedPacket)]
    [InlineData("reserved bits of PUBREL", V5, "60 02 0001", MalformedPacket)]
    [InlineData("a remaining length of five bytes", V5, "30 FF FF FF FF 01", MalformedPacket)]
    [InlineData("a padded remaining length in 5.0", V5, "C0 80 00", MalformedPacket)]
    [InlineData("a PINGREQ with a body", V311, "C0 01 00", MalformedPacket)]
    public void FixedHeader_ThatBreaksARule_IsRefused(
        string what, MqttVersion version, string hex, MqttReasonCode code) => AssertRefused(what, version, hex, code);

    [Theory]
    [InlineData("a publish of QoS 3", V5, "36 06 0001 61 0001 00", MalformedPacket)]
    [InlineData("DUP with QoS 0", V5, "38 04 0001 61 00", MalformedPacket)]
    [InlineData("packet identifier zero", V5, "32 06 0001 61 0000 00", ProtocolError)]
    [InlineData("packet identifier zero in 3.1.1", V311, "32 05 0001 61 0000", ProtocolError)]
    [InlineData("a missing packet identifier", V311, "32 03 0001 61", MalformedPacket)]
    [InlineData("a multi-level wildcard in the topic", V5, "30 05 0002 6123 00", TopicNameInvalid)]
    [InlineData("a single-level wildcard in the topic", V311, "30 04 0002 2B61", TopicNameInvalid)]
    [InlineData("an empty topic in 3.1.1", V311, "30 02 0000", TopicNameInvalid)]
    [InlineData("an empty topic without alias", V5, "30 03 0000 00", ProtocolError)]
    [InlineData("U+0000 in the topic", V5, "30 05 0002 6100 00", MalformedPacket)]
    [InlineData("an overlong UTF-8 form", V5, "30 05 0002 C080 00", MalformedPacket)]
    [InlineData("a UTF-8 surrogate", V5, "30 06 0003 EDA080 00", MalformedPacket)]
    [InlineData("a cut UTF-8 sequence", V5, "30 04 0001 C3 00", MalformedPacket)]
    [InlineData("a topic longer than the packet", V5, "30 04 0009 61 00", MalformedPacket)]
    public void Publish_ThatBreaksARule_IsRefused(string what, MqttVersion version, string hex, MqttReasonCode code) =>
        AssertRefused(what, version, hex, code);

    [Theory]
    [InlineData("topic alias zero", "30 07 0001 61 03 23 0000", TopicAliasInvalid)]
    [InlineData("a property given twice", "30 08 0001 61 04 0100 0101", ProtocolError)]
    [InlineData("payload format 2", "30 06 0001 61 02 0102", ProtocolError)]
    [InlineData("subscription identifier zero", "30 06 0001 61 02 0B00", ProtocolError)]
    [InlineData("a property of another packet", "30 09 0001 61 05 11 00000001", MalformedPacket)]
    [InlineData("a property nobody knows", "30 06 0001 61 02 7F00", MalformedPacket)]
    [InlineData("a property identifier beyond a byte", "30 07 0001 61 03 FF7F00", MalformedPacket)]
    [InlineData("a property cut short", "30 06 0001 61 02 2300", MalformedPacket)]
    [InlineData("properties longer than the packet", "30 05 0001 61 7F 01", MalformedPacket)]
    [InlineData("a padded property length", "30 05 0001 61 80 00", MalformedPacket)]
    [InlineData("a wildcard in the response topic", "30 08 0001 61 04 08 0001 23", TopicNameInvalid)]
    [InlineData("a user property that is not UTF-8", "30 0B 0001 61 07 26 0001 FF 0001 61", MalformedPacket)]
    public void Properties_ThatBreakARule_AreRefused(string what, string hex, MqttReasonCode code) =>
        AssertRefused(what, V5, hex, code);

    [Theory]
    [InlineData("another protocol's name", "10 0C 0004 4D515458 04 02 0000 0000", UnsupportedProtocolVersion)]
    [InlineData("MQTT 3.1", "10 0E 0006 4D5149736470 03 02 0000 0000", UnsupportedProtocolVersion)]
    [InlineData("a version to come", "10 0D 0004 4D515454 06 02 0000 00 0000", UnsupportedProtocolVersion)]
    [InlineData("the reserved flag", "10 0C 0004 4D515454 04 03 0000 0000", MalformedPacket)]
    [InlineData("a will's QoS without will", "10 0C 0004 4D515454 04 0A 0000 0000", MalformedPacket)]
    [InlineData("a will's retain without will", "10 0C 0004 4D515454 04 22 0000 0000", MalformedPacket)]
    [InlineData("a will of QoS 3", "10 11 0004 4D515454 04 1E 0000 0000 0001 61 0000", MalformedPacket)]
    [InlineData("a will's topic with wildcard", "10 11 0004 4D515454 04 06 0000 0000 0001 23 0000", TopicNameInvalid)]
    [InlineData("a password without user in 3.1.1", "10 0E 0004 4D515454 04 42 0000 0000 0000", MalformedPacket)]
    [InlineData("bytes after the last field", "10 0D 0004 4D515454 04 02 0000 0000 00", MalformedPacket)]
    [InlineData("Receive Maximum zero", "10 10 0004 4D515454 05 02 0000 03 210000 0000", ProtocolError)]
    [InlineData("Maximum Packet Size zero", "10 12 0004 4D515454 05 02 0000 05 2700000000 0000", ProtocolError)]
    [InlineData("authentication data without method", "10 10 0004 4D515454 05 02 0000 03 160000 0000", ProtocolError)]
    [InlineData("a padded length in 5.0", "10 8D 00 0004 4D515454 05 02 0000 00 0000", MalformedPacket)]
    public void Connect_ThatBreaksARule_IsRefused(string what, string hex, MqttReasonCode code) =>
        AssertRefused(what, V311, hex, code);

    [Theory]
    [InlineData("no filter", V5, "82 03 0001 00", ProtocolError)]
    [InlineData("packet identifier zero", V311, "82 06 0000 0001 61 00", ProtocolError)]
    [InlineData("a misplaced wildcard", V311, "82 07 0001 0002 6123 00", TopicFilterInvalid)]
    [InlineData("an empty filter", V311, "82 05 0001 0000 00", TopicFilterInvalid)]
    [InlineData("QoS 3", V311, "82 06 0001 0001 61 03", MalformedPacket)]
    [InlineData("QoS 3 in 5.0", V5, "82 07 0001 00 0001 61 03", ProtocolError)]
    [InlineData("5.0 options in 3.1.1", V311, "82 06 0001 0001 61 21", MalformedPacket)]
    [InlineData("reserved options", V5, "82 07 0001 00 0001 61 41", MalformedPacket)]
    [InlineData("Retain Handling 3", V5, "82 07 0001 00 0001 61 31", ProtocolError)]
    [InlineData("No Local on a shared subscription", V5, "82 10 0001 00 000A 24736861 72652F67 2F61 05", ProtocolError)]
    [InlineData("options missing", V311, "82 05 0001 0001 61", MalformedPacket)]
    [InlineData("an UNSUBSCRIBE of nothing", V311, "A2 02 0001", ProtocolError)]
    [InlineData("a SUBACK of nothing", V311, "90 02 0001", ProtocolError)]
    [InlineData("a reserved return code in SUBACK", V311, "90 03 0001 03", MalformedPacket)]
    [InlineData("a body in UNSUBACK of 3.1.1", V311, "B0 03 0001 00", MalformedPacket)]
    public void Subscription_ThatBreaksARule_IsRefused(
        string what, MqttVersion version, string hex, MqttReasonCode code) => AssertRefused(what, version, hex, code);

    [Theory]
    [InlineData("reserved flags of CONNACK", V5, "20 03 02 00 00", MalformedPacket)]
    [InlineData("a refusal that claims a session", V5, "20 03 01 87 00", ProtocolError)]
    [InlineData("a reserved return code", V311, "20 02 00 06", MalformedPacket)]
    [InlineData("a reason of another packet in CONNACK", V5, "20 03 00 8E 00", ProtocolError)]
    [InlineData("a reason of another packet in PUBACK", V5, "40 03 0001 8E", ProtocolError)]
    [InlineData("a reason in PUBACK of 3.1.1", V311, "40 03 0001 00", MalformedPacket)]
    [InlineData("PUBACK of identifier zero", V5, "40 02 0000", ProtocolError)]
    [InlineData("a body in DISCONNECT of 3.1.1", V311, "E0 01 00", MalformedPacket)]
    [InlineData("a reason of another packet in DISCONNECT", V5, "E0 01 18", ProtocolError)]
    [InlineData("a reason of another packet in AUTH", V5, "F0 01 80", ProtocolError)]
    public void Answer_ThatBreaksARule_IsRefused(string what, MqttVersion version, string hex, MqttReasonCode code) =>
        AssertRefused(what, version, hex, code);

    [Fact]
    public void Packet_LargerThanTheLimit_IsRefusedFromItsFixedHeaderAlone()
    {
        // 1 + 3 + 99,998 bytes are one too many for the limit; none of the body is there yet.
        Assert.Equal(PacketTooLarge, Wire.Error(V5, Wire.Hex("30 9E8D06"), 100_001));
        Assert.Equal(PacketTooLarge, Wire.Error(V5, Wire.Hex("30 FFFFFF7F")));
    }

    [Fact]
    public void Connect_OfVersion311WithPaddedLength_IsAccepted()
    {
        // Only 5.0 asks for the shortest form; small devices reserve the bytes up front.
        var packet = Wire.Packet(V5, Wire.Hex("10 8C 80 00 0004 4D515454 04 02 0000 0000"));

        Assert.Equal(MqttPacketType.Connect, packet.Type);
    }

    private static void AssertRefused(string what, MqttVersion version, string hex, MqttReasonCode code) =>
        Assert.Equal((what, code), (what, Wire.Error(version, Wire.Hex(hex))));
}
