using System.Text;

namespace FleetMonitor.Mqtt.Protocol;

/// <summary>
/// The properties of one packet, kept as the bytes that travel. A block that comes out of the decoder has been
/// checked whole, so that looking a property up can not fail and nothing is allocated for what nobody asks.
/// </summary>
public readonly struct MqttProperties(ReadOnlyMemory<byte> encoded)
{
    /// <summary>The properties without their length prefix.</summary>
    public ReadOnlyMemory<byte> Encoded { get; } = encoded;

    /// <summary>The numeric property, or null where it is absent.</summary>
    public uint? Number(MqttPropertyId id)
    {
        foreach (var property in this)
        {
            if (property.Id == id)
            {
                return property.Number;
            }
        }

        return null;
    }

    /// <summary>The string property, or null where it is absent.</summary>
    public string? Text(MqttPropertyId id)
    {
        foreach (var property in this)
        {
            if (property.Id == id)
            {
                return Encoding.UTF8.GetString(property.Value.Span);
            }
        }

        return null;
    }

    public Enumerator GetEnumerator() => new(Encoded);

    /// <summary>A block that lives on when the read buffer is gone.</summary>
    internal MqttProperties Detached() => Encoded.IsEmpty ? default : new(Encoded.ToArray());

    /// <summary>One property; <see cref="Raw"/> is its identifier and value as they stood on the wire.</summary>
    public readonly record struct Property(
        MqttPropertyId Id,
        uint Number,
        ReadOnlyMemory<byte> Name,
        ReadOnlyMemory<byte> Value,
        ReadOnlyMemory<byte> Raw);

    /// <summary>Walks the block from its first property to its last.</summary>
    public ref struct Enumerator
    {
        private readonly ReadOnlyMemory<byte> _encoded;
        private BodyReader _reader;

        internal Enumerator(ReadOnlyMemory<byte> encoded)
        {
            _encoded = encoded;
            _reader = new BodyReader(encoded);
        }

        public Property Current { get; private set; }

        public bool MoveNext()
        {
            if (_reader.Failed || _reader.Remaining == 0)
            {
                return false;
            }

            var start = _encoded.Length - _reader.Remaining;
            var id = _reader.VarInt();
            var (number, name, value) = (0u, default(ReadOnlyMemory<byte>), default(ReadOnlyMemory<byte>));
            switch (PropertyRules.ShapeOf(id))
            {
                case PropertyShape.Byte:
                    number = _reader.Byte();
                    break;
                case PropertyShape.UInt16:
                    number = _reader.UInt16();
                    break;
                case PropertyShape.UInt32:
                    number = _reader.UInt32();
                    break;
                case PropertyShape.VarInt:
                    number = _reader.VarInt();
                    break;
                case PropertyShape.TextPair:
                    name = _reader.Binary();
                    value = _reader.Binary();
                    break;
                case PropertyShape.Text or PropertyShape.Binary:
                    value = _reader.Binary();
                    break;
                default:
                    return false;
            }

            var end = _encoded.Length - _reader.Remaining;
            Current = new Property((MqttPropertyId)id, number, name, value, _encoded[start..end]);
            return !_reader.Failed;
        }
    }
}
