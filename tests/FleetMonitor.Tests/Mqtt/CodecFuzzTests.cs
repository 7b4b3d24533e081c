using System.Buffers;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Mqtt.Topics;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

/// <summary>Any bytes, cut anywhere: a packet, "need more" or an error, at a price that the bytes bound.</summary>
public sealed class CodecFuzzTests
{
    private const int Seed = 20260417;
    private const int Inputs = 250_000;
    private const int MaxPacket = 4096;

    [Fact]
    public void Decoder_OnMutatedAndRandomBytes_IsTotalAndIndifferentToSplits()
    {
        var random = new Random(Seed);
        var corpus = Corpus().ToArray();
        var outcomes = new int[3];
        for (var i = 0; i < Inputs; i++)
        {
            var bytes = i % 4 == 0 ? RandomBytes(random) : Mutate(random, corpus[random.Next(corpus.Length)]);
            var version = random.Next(2) == 0 ? MqttVersion.V311 : MqttVersion.V5;
            var where = $"seed {Seed}, input {i}, {version}: {Convert.ToHexString(bytes)}";
            var whole = Trace(new ReadOnlySequence<byte>(bytes), version, where);
            outcomes[(int)whole.Status]++;
            if (i % 2 == 0)
            {
                var a = random.Next(bytes.Length + 1);
                var b = random.Next(a, bytes.Length + 1);
                var split = Trace(Wire.Split(bytes, a, b), version, where);
                Assert.True(whole == split, $"{where} split at {a}, {b}: {whole} became {split}");
                var grown = Grow(bytes, version, random);
                Assert.True(whole == grown, $"{where} piece by piece: {whole} became {grown}");
            }
        }

        Counts.Write("fuzz-codec", ("inputs", Inputs));
        Assert.All(outcomes, count => Assert.True(count > Inputs / 100, string.Join(", ", outcomes)));
    }

    [Fact]
    public void ValidPacket_CutAtEveryByte_NeedsMoreAndThenIsTheSame()
    {
        var valid = 0;
        foreach (var bytes in Corpus())
        {
            foreach (var version in new[] { MqttVersion.V311, MqttVersion.V5 })
            {
                var whole = Trace(new ReadOnlySequence<byte>(bytes), version, "corpus");
                valid += whole.Count;
                for (var cut = 0; cut < bytes.Length; cut++)
                {
                    Assert.Equal(whole, Trace(Wire.Split(bytes, cut), version, $"cut at {cut}"));
                    var start = Trace(new ReadOnlySequence<byte>(bytes, 0, cut), version, $"first {cut}");
                    Assert.True(
                        start.Status == MqttDecodeStatus.NeedMore || start == whole,
                        $"{version}, first {cut} of {Convert.ToHexString(bytes)}: {start}");
                }
            }
        }

        // Of 23 packets in two versions some exist in one of them only.
        Assert.InRange(valid, 23, 46);
    }

    [Fact]
    public void Decoder_OnPublishes_DoesNotAllocate()
    {
        var bytes = Wire.Write(writer =>
        {
            for (ushort id = 1; id <= 100; id++)
            {
                MqttEncoder.WritePublish(
                    writer, MqttVersion.V5, "fleet/s/r/telemetry"u8, "{}"u8, MqttQos.AtLeastOnce, id);
            }
        });
        Assert.Equal(100, DecodeAll(bytes));
        var before = GC.GetAllocatedBytesForCurrentThread();

        var count = DecodeAll(bytes);

        Assert.Equal((100, 0L), (count, GC.GetAllocatedBytesForCurrentThread() - before));
    }

    [Fact]
    public void TopicFilter_OnRandomText_ValidatesAndMatchesWithoutFailing()
    {
        var random = new Random(Seed);
        const string alphabet = "a/+#$\u00e9";
        var valid = 0;
        for (var i = 0; i < 50_000; i++)
        {
            var text = new string(random.GetItems<char>(alphabet, random.Next(1, 8)));
            if (TopicFilter.TryParse(text) is { } filter)
            {
                valid++;
                filter.Matches(RandomBytes(random));
                Assert.True(filter.Matches("x"u8) || text != "#", $"seed {Seed}, input {i}");
            }
        }

        Assert.True(valid > 1000);
    }

    private static int DecodeAll(byte[] bytes)
    {
        var input = new ReadOnlySequence<byte>(bytes);
        var count = 0;
        while (MqttDecoder.Decode(ref input, MqttVersion.V5, MaxPacket, out _, out _) == MqttDecodeStatus.Packet)
        {
            count++;
        }

        return count;
    }

    /// <summary>All packets in the input: how many, how it ended, and a hash of what they said.</summary>
    private static (MqttDecodeStatus Status, int Count, int Hash, MqttReasonCode Code) Trace(
        ReadOnlySequence<byte> input, MqttVersion version, string where)
    {
        var (count, hash, length) = (0, default(HashCode), input.Length);
        var before = GC.GetAllocatedBytesForCurrentThread();
        while (true)
        {
            MqttDecodeStatus status;
            MqttPacket packet;
            MqttProtocolError error;
            try
            {
                status = MqttDecoder.Decode(ref input, version, MaxPacket, out packet, out error);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException(where, exception);
            }

            if (status != MqttDecodeStatus.Packet)
            {
                // Lists, strings and records of the rare packets: some dozens of bytes for each byte on the wire.
                var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.True(allocated < 4096 + (length * 128), $"{allocated} bytes allocated: {where}");
                return (count == 0 || status == MqttDecodeStatus.Error ? status : MqttDecodeStatus.Packet,
                    count, hash.ToHashCode(), error.Code);
            }

            count++;
            Add(ref hash, packet);
        }
    }

    /// <summary>Feeds the input as a socket would: a little more each time, the unconsumed rest again.</summary>
    private static (MqttDecodeStatus Status, int Count, int Hash, MqttReasonCode Code) Grow(
        byte[] bytes, MqttVersion version, Random random)
    {
        var (count, hash, start, end) = (0, default(HashCode), 0, 0);
        while (true)
        {
            var input = new ReadOnlySequence<byte>(bytes, start, end - start);
            var status = MqttDecoder.Decode(ref input, version, MaxPacket, out var packet, out var error);
            if (status == MqttDecodeStatus.Error || (status == MqttDecodeStatus.NeedMore && end == bytes.Length))
            {
                return (count == 0 || status == MqttDecodeStatus.Error ? status : MqttDecodeStatus.Packet,
                    count, hash.ToHashCode(), error.Code);
            }

            if (status == MqttDecodeStatus.NeedMore)
            {
                end = Math.Min(bytes.Length, end + random.Next(1, 9));
                continue;
            }

            start = end - (int)input.Length;
            count++;
            Add(ref hash, packet);
        }
    }

    private static void Add(ref HashCode hash, in MqttPacket packet)
    {
        hash.Add((packet.Type, packet.PacketId, packet.Reason));
        hash.Add((packet.Publish.PacketId, packet.Publish.Qos, packet.Publish.Retain, packet.Publish.Duplicate));
        hash.AddBytes(packet.Publish.Topic.Span);
        hash.AddBytes(packet.Publish.Payload.Span);
        hash.AddBytes(packet.Publish.Properties.Encoded.Span);
        hash.AddBytes(packet.Properties.Encoded.Span);
        switch (packet.Body)
        {
            case MqttConnect connect:
                hash.Add((connect.Version, connect.ClientId, connect.UserName, connect.KeepAlive, connect.CleanStart));
                hash.AddBytes((connect.Password ?? default).Span);
                hash.AddBytes((connect.Will?.Payload ?? default).Span);
                hash.AddBytes(connect.Properties.Encoded.Span);
                break;
            case MqttConnAck connAck:
                hash.Add((connAck.SessionPresent, connAck.Reason));
                hash.AddBytes(connAck.Properties.Encoded.Span);
                break;
            case MqttSubscribe subscribe:
                foreach (var item in subscribe.Subscriptions)
                {
                    hash.Add(item);
                }

                break;
            case MqttUnsubscribe unsubscribe:
                foreach (var item in unsubscribe.Filters)
                {
                    hash.Add(item);
                }

                break;
            case MqttSubscribeAck ack:
                foreach (var item in ack.Reasons)
                {
                    hash.Add(item);
                }

                break;
        }
    }

    private static byte[] RandomBytes(Random random)
    {
        var bytes = new byte[random.Next(1, 48)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Mutate(Random random, byte[] source)
    {
        var bytes = source.ToList();
        for (var edits = random.Next(4); edits > 0; edits--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                case 3 when bytes.Count > 1:
                    bytes.RemoveAt(at);
                    break;
                default:
                    bytes.AddRange(source);
                    break;
            }
        }

        return [.. bytes];
    }

    private static IEnumerable<byte[]> Corpus() => new[]
    {
        "10200004 4D51545404EE003C 0003726967 0003772F74 00036F6666 000175 00027077",
        "101D0004 4D5154540500000A 0F1100000E10212710260001 6B000176 000161",
        "1023 0004 4D51545405C4 0000 00 0001 61 03 180000 0000 0001 74 0001 70 0001 75 0001 77 0000 00000000",
        "20020100",
        "20030087 00",
        "200B 0000 08 2400 2500 13003C",
        "3309 0003612F62 000A 6869",
        "300A 0000 03 23000778 797A",
        "3016 0003612F62 0D 0101 0200000009 2600017800017A 6869",
        "4003010287",
        "40020102",
        "62020102",
        "820B0001 000123 01 0002612F 00",
        "820C0001 00 00012329 0002612F28",
        "900400090180",
        "90050009000180",
        "A2050003000161",
        "A206000300000161",
        "B0020003",
        "C000",
        "D000",
        "E0078E051F00026E6F",
        "F006180415 00016D",
    }.Select(Wire.Hex);
}
