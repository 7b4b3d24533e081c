using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Encoding;
using Xunit;

namespace FleetMonitor.Tests.Ledger;

public sealed class BitsTests
{
    [Fact]
    public void Bits_AreWrittenMostSignificantFirst_AndPaddedWithZeros()
    {
        var bytes = new ByteWriter();
        var writer = new BitWriter(bytes);
        writer.Write(0b101, 3);
        writer.Write(0, 0);
        writer.Write(0xABCD, 16);
        writer.Flush();

        // 101 10101011 11001101, and five zeros.
        Assert.Equal([0b10110101, 0b01111001, 0b10100000], bytes.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Bits_OfAnyLengths_AreReadAsWritten(int seed)
    {
        var random = new Random(seed);
        for (int run = 0; run < 500; run++)
        {
            // As many as are asked for, where a word ends and where none does.
            (ulong Value, int Bits)[] parts = [.. Enumerable.Range(0, random.Next(1, 60)).Select(_ =>
            {
                int bits = random.Next(8) == 0 ? 64 : random.Next(65);
                return (bits == 0 ? 0 : Any(random) >> (64 - bits), bits);
            })];
            var bytes = new ByteWriter();
            var writer = new BitWriter(bytes);
            foreach ((ulong value, int bits) in parts)
            {
                writer.Write(value, bits);
            }

            writer.Flush();
            Assert.Equal((parts.Sum(part => part.Bits) + 7) / 8, bytes.Length);

            var reader = new BitReader(bytes.Written.Span);
            foreach ((ulong value, int bits) in parts)
            {
                Assert.Equal(value, reader.Read(bits));
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void RiceCodes_OfAnyNumbers_AreReadAsWritten(int seed)
    {
        var random = new Random(seed);
        for (int lowBits = 0; lowBits <= Rice.MaxLowBits; lowBits++)
        {
            // The highest that are told in unary, the lowest that are written out whole, and any.
            ulong[] values =
            [
                0, 1, ulong.MaxValue, ulong.MaxValue >> 1, (24UL << lowBits) - 1, 24UL << lowBits, (23UL << lowBits) + 1,
                .. Enumerable.Range(0, 40).Select(_ => Any(random) >> random.Next(64)),
            ];
            var bytes = new ByteWriter();
            var writer = new BitWriter(bytes);
            foreach (ulong value in values)
            {
                Rice.Write(ref writer, value, lowBits);
            }

            writer.Flush();
            var reader = new BitReader(bytes.Written.Span);
            foreach (ulong value in values)
            {
                Assert.Equal(value, Rice.Read(ref reader, lowBits));
            }
        }
    }

    [Fact]
    public void Ones_AreReadUpToTheirZero_AlsoAcrossWords()
    {
        // 70 ones and a zero, then one that is the last of all.
        var bytes = new ByteWriter();
        var writer = new BitWriter(bytes);
        writer.Write(ulong.MaxValue, 64);
        writer.Write(0b1111110_1, 8);
        writer.Flush();

        var reader = new BitReader(bytes.Written.Span);
        Assert.Equal(70, reader.ReadOnes(100));
        Assert.Equal(1, reader.ReadOnes(1));
        Assert.Throws<LedgerCorruptException>(ReadOn);

        void ReadOn()
        {
            var atEnd = new BitReader(bytes.Written.Span);
            atEnd.ReadOnes(100);
            atEnd.ReadOnes(2);
        }
    }

    private static ulong Any(Random random) => (ulong)random.NextInt64(long.MinValue, long.MaxValue);
}
