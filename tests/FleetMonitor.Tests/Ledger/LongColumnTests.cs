using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Encoding;
using FleetMonitor.Ledger.Evidence;
using Xunit;

namespace FleetMonitor.Tests.Ledger;

/// <summary>What is kept is proof: whatever a column holds, it must come out as it went in, from a ledger of any age.</summary>
public sealed class LongColumnTests
{
    private static readonly long[] Extremes =
    [
        long.MinValue, long.MinValue + 1, long.MaxValue, long.MaxValue - 1, 1L << 62, -(1L << 62), 0x5555555555555555, 0, 1, -1,
    ];

    /// <summary>As columns were written when all four predictions were tried: a level, what drifts, what climbs ever faster, a line up and one down, a leap.</summary>
    public static TheoryData<string, long[]> Kept => new()
    {
        { "a0dd8c0364018f0d", [3_250_000, 3_250_100, 3_249_900, 3_250_300, 3_250_000, 3_249_700] },
        { "90b907f403c00e2a00", [61_000, 61_500, 62_000, 62_000, 62_500, 63_000, 64_000, 64_500] },
        { "d00f0185d0240c3cc0baf040", [1000, 1040, 1075, 1110, 1111, 1150, 1190, 1170, 1133] },
        { "0001819999999980", [0, 1, 4, 9, 16, 25, 36, 49, 64, 81] },
        {
            "80b083c5986801c1a48d06e528",
            [1_790_000_000_000, 1_790_000_010_003, 1_790_000_019_998, 1_790_000_030_001, 1_790_000_039_999, 1_790_000_050_002]
        },
        { "d00f01c0850eed7240", [1000, 899, 802, 700, 599, 501, 400, 301, 200, 101] },
        {
            "ffffffffffffffffff0101fdfeffffffffffffffff01d555555555555555d5555555555555580000000000000000",
            [long.MinValue, long.MaxValue, 0, -1]
        },
        { "0a00", [5, 5, 5] },
        { "0d00", [-7] },
        { "", [] },
    };

    [Theory]
    [MemberData(nameof(Kept))]
    public void Column_AsItWasFirstWritten_IsReadAsBefore(string column, long[] values) =>
        Assert.Equal(values, LongColumn.Read(Convert.FromHexString(column), values.Length));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Column_OfAnyShape_IsReadAsWritten(int seed)
    {
        var random = new Random(seed);
        var bytes = new ByteWriter();
        for (int column = 0; column < 3_000; column++)
        {
            long[] values = Any(random, random.Next(20) == 0 ? random.Next(250, 1_000) : random.Next(1, 70));
            bytes.Clear();
            LongColumn.Write(bytes, values);
            Assert.Equal(values, LongColumn.Read(bytes.Written.Span, values.Length));
        }
    }

    [Fact]
    public void Column_BehindOtherBytes_TakesAsMuchAsItSaysAndNoMore()
    {
        // 200 values of any size take some 1,600 bytes: a length of two bytes goes in front of them, when they are there.
        long[] values = [.. Enumerable.Range(0, 200).Select(i => unchecked(i * 0x5DEECE66DL * i * 0x1234567))];
        var bytes = new ByteWriter();
        bytes.Text("before");
        int start = bytes.Length;
        LongColumn.Write(bytes, values);
        bytes.CloseBytes(start);
        bytes.Text("after");

        var reader = new ByteReader(bytes.ToArray());
        Assert.Equal("before", reader.Text());
        Assert.Equal(values, LongColumn.Read(reader.Bytes(), values.Length));
        Assert.Equal("after", reader.Text());
        Assert.True(reader.AtEnd);
    }

    [Fact]
    public void Column_ThatIsCutShort_IsDamage()
    {
        byte[] column = Convert.FromHexString("90b907f403c00e2a00");
        Assert.Throws<LedgerCorruptException>(() => LongColumn.Read(column.AsSpan(0, column.Length - 2), 8));
    }

    /// <summary>Levels, lines, climbs, walks and leaps, in steps of any size: among them those that wrap around.</summary>
    private static long[] Any(Random random, int count)
    {
        var values = new long[count];
        (int shape, long start, long step, long unit) = (random.Next(7), Value(random), Value(random), Value(random));
        for (int i = 0; i < count; i++)
        {
            values[i] = unchecked(shape switch
            {
                0 => start,
                1 => start + (step * i),
                2 => start + (step * i) + random.Next(-20, 21),
                3 => start + (unit * random.Next(-1_000, 1_001)),
                4 => i == 0 ? start : values[i - 1] + (unit * random.Next(-9, 10)),
                5 => i == 0 ? start : values[i - 1] + (step * i) + random.Next(-9, 10),
                _ => Value(random),
            });
        }

        return values;
    }

    private static long Value(Random random) => random.Next(4) switch
    {
        0 => Extremes[random.Next(Extremes.Length)],
        1 => random.Next(-5, 6),
        2 => random.NextInt64() >> random.Next(63),
        _ => random.Next(100_000) * (long)Math.Pow(10, random.Next(5)),
    };
}
