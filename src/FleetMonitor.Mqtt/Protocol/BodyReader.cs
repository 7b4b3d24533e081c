using System.Buffers.Binary;
using System.Text.Unicode;

namespace FleetMonitor.Mqtt.Protocol;

/// <summary>
/// Reads the fields of one whole packet. The first failure sticks and every later read gives an empty value
/// without moving, so that a decoder reads straight down and asks once, at the end, whether all was well.
/// </summary>
internal ref struct BodyReader(ReadOnlyMemory<byte> body)
{
    private readonly ReadOnlyMemory<byte> _body = body;
    private readonly ReadOnlySpan<byte> _span = body.Span;
    private int _position;

    public bool Failed { get; private set; }

    public MqttProtocolError Error { get; private set; }

    public readonly int Remaining => _span.Length - _position;

    public void Fail(MqttReasonCode code, string detail)
    {
        if (!Failed)
        {
            Failed = true;
            Error = new MqttProtocolError(code, detail);
        }
    }

    public byte Byte() => Has(1) ? _span[_position++] : (byte)0;

    public ushort UInt16()
    {
        if (!Has(2))
        {
            return 0;
        }

        var value = BinaryPrimitives.ReadUInt16BigEndian(_span[_position..]);
        _position += 2;
        return value;
    }

    public uint UInt32()
    {
        if (!Has(4))
        {
            return 0;
        }

        var value = BinaryPrimitives.ReadUInt32BigEndian(_span[_position..]);
        _position += 4;
        return value;
    }

    /// <summary>A variable byte integer in its shortest form (MQTT 5.0 section 1.5.5).</summary>
    public uint VarInt()
    {
        var value = 0u;
        for (var shift = 0; shift <= 21; shift += 7)
        {
            if (!Has(1))
            {
                return 0;
            }

            var next = _span[_position++];
            value |= (uint)(next & 0x7F) << shift;
            if ((next & 0x80) == 0)
            {
                if (next == 0 && shift > 0)
                {
                    break;
                }

                return value;
            }
        }

        Fail(MqttReasonCode.MalformedPacket, "A variable byte integer is too long.");
        return 0;
    }

    public ReadOnlyMemory<byte> Take(int length)
    {
        if (!Has(length))
        {
            return default;
        }

        var slice = _body.Slice(_position, length);
        _position += length;
        return slice;
    }

    public ReadOnlyMemory<byte> Binary() => Take(UInt16());

    /// <summary>A UTF-8 string: well-formed, without surrogates and without U+0000 (section 1.5.4).</summary>
    public ReadOnlyMemory<byte> Text()
    {
        var text = Binary();
        if (text.Span.Contains((byte)0) || !Utf8.IsValid(text.Span))
        {
            Fail(MqttReasonCode.MalformedPacket, "A string is not valid UTF-8 or contains U+0000.");
            return default;
        }

        return text;
    }

    public ushort PacketId()
    {
        var id = UInt16();
        if (id == 0)
        {
            Fail(MqttReasonCode.ProtocolError, "The packet identifier is zero.");
        }

        return id;
    }

    public ReadOnlyMemory<byte> Rest() => Take(Remaining);

    public void ExpectEnd()
    {
        if (Remaining > 0)
        {
            Fail(MqttReasonCode.MalformedPacket, "The packet is longer than its fields.");
        }
    }

    private bool Has(int count)
    {
        if (Failed)
        {
            return false;
        }

        if (Remaining < count)
        {
            Fail(MqttReasonCode.MalformedPacket, "The packet ends inside a field.");
            return false;
        }

        return true;
    }
}
