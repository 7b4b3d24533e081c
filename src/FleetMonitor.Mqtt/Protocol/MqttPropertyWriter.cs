using System.Buffers;
using System.Text;

namespace FleetMonitor.Mqtt.Protocol;

/// <summary>Builds a block of properties; the caller keeps to the rules of the packet it builds it for.</summary>
public sealed class MqttPropertyWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>Adds a numeric property in the width that its identifier asks for.</summary>
    public MqttPropertyWriter Add(MqttPropertyId id, uint value)
    {
        _buffer.WriteByte((byte)id);
        switch (PropertyRules.ShapeOf((byte)id))
        {
            case PropertyShape.Byte:
                _buffer.WriteByte(checked((byte)value));
                break;
            case PropertyShape.UInt16:
                _buffer.WriteUInt16(checked((ushort)value));
                break;
            case PropertyShape.UInt32:
                _buffer.WriteUInt32(value);
                break;
            case PropertyShape.VarInt:
                _buffer.WriteVarInt(value);
                break;
            default:
                throw new ArgumentException($"{id} is not a number.", nameof(id));
        }

        return this;
    }

    /// <summary>Adds a string or binary property.</summary>
    public MqttPropertyWriter Add(MqttPropertyId id, ReadOnlySpan<byte> value)
    {
        if (PropertyRules.ShapeOf((byte)id) is not (PropertyShape.Text or PropertyShape.Binary))
        {
            throw new ArgumentException($"{id} is not a string or binary property.", nameof(id));
        }

        _buffer.WriteByte((byte)id);
        _buffer.WriteBinary(value);
        return this;
    }

    /// <summary>Adds a string property.</summary>
    public MqttPropertyWriter Add(MqttPropertyId id, string value) => Add(id, Encoding.UTF8.GetBytes(value));

    /// <summary>Adds a user property.</summary>
    public MqttPropertyWriter AddUser(string name, string value)
    {
        _buffer.WriteByte((byte)MqttPropertyId.UserProperty);
        _buffer.WriteText(name);
        _buffer.WriteText(value);
        return this;
    }

    public MqttProperties Build() => new(_buffer.WrittenMemory.ToArray());
}
