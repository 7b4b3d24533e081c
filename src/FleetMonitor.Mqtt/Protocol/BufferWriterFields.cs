using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace FleetMonitor.Mqtt.Protocol;

/// <summary>The field types of MQTT (5.0 section 1.5) on a buffer writer.</summary>
internal static class BufferWriterFields
{
    public static void WriteByte(this IBufferWriter<byte> writer, byte value)
    {
        writer.GetSpan(1)[0] = value;
        writer.Advance(1);
    }

    public static void WriteUInt16(this IBufferWriter<byte> writer, ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(writer.GetSpan(2), value);
        writer.Advance(2);
    }

    public static void WriteUInt32(this IBufferWriter<byte> writer, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(writer.GetSpan(4), value);
        writer.Advance(4);
    }

    public static void WriteVarInt(this IBufferWriter<byte> writer, uint value) =>
        writer.Advance(VarInt.Write(writer.GetSpan(4), value));

    public static void WriteBinary(this IBufferWriter<byte> writer, ReadOnlySpan<byte> value)
    {
        writer.WriteUInt16(checked((ushort)value.Length));
        writer.Write(value);
    }

    public static void WriteText(this IBufferWriter<byte> writer, string value) =>
        writer.WriteBinary(Encoding.UTF8.GetBytes(value));
}
