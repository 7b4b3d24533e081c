using System.Buffers;
using FleetMonitor.Mqtt.Protocol;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

/// <summary>Bytes as hex and packets from bytes, for the tests of the codec.</summary>
internal static class Wire
{
    public const int Limit = 1024 * 1024;

    public static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    public static byte[] Write(Action<IBufferWriter<byte>> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(buffer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Decodes bytes that must be exactly one packet.</summary>
    public static MqttPacket Packet(MqttVersion version, byte[] bytes)
    {
        var input = new ReadOnlySequence<byte>(bytes);
        var status = MqttDecoder.Decode(ref input, version, Limit, out var packet, out var error);
        Assert.True(status == MqttDecodeStatus.Packet, $"{status}: {error}");
        Assert.Equal(0, input.Length);
        return packet;
    }

    /// <summary>Decodes bytes that must break the protocol.</summary>
    public static MqttReasonCode Error(MqttVersion version, byte[] bytes, int limit = Limit)
    {
        var input = new ReadOnlySequence<byte>(bytes);
        var status = MqttDecoder.Decode(ref input, version, limit, out _, out var error);
        Assert.Equal(MqttDecodeStatus.Error, status);
        return error.Code;
    }

    /// <summary>The same bytes in segments that end at the given places.</summary>
    public static ReadOnlySequence<byte> Split(ReadOnlyMemory<byte> bytes, params int[] ends)
    {
        Segment? first = null;
        Segment? last = null;
        var start = 0;
        foreach (var end in ends.Append(bytes.Length))
        {
            last = new Segment(bytes[start..end], last);
            first ??= last;
            start = end;
        }

        return new ReadOnlySequence<byte>(first!, 0, last!, last!.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? before)
        {
            Memory = memory;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}
