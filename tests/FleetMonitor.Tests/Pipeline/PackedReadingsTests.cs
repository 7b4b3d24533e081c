using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry;
using Xunit;

namespace FleetMonitor.Tests.Pipeline;

/// <summary>Readings at hand without a meter around them: with values that no meter sums up.</summary>
public sealed class PackedReadingsTests
{
    private const int PagesOfAll = 400;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void TakeOut_OfNumbersOfAnyLength_LeavesTheOthersAndEveryPageToOneOwner(int seed)
    {
        var random = new Random(seed);
        var pages = new ReadingPages();
        for (int device = 0; device < 300; device++)
        {
            var packed = new PackedReadings(pages);
            var expected = new List<Reading>();
            long at = random.NextInt64(long.MaxValue / 2);
            int settled = 0;
            for (int step = 0; step < 150; step++)
            {
                at += random.Next(3) == 0 ? random.NextInt64(1, 1L << random.Next(1, 55)) : 10_000;
                Reading reading = Any(random, new Instant(at));
                packed.Append(reading);
                expected.Add(reading);
                while (settled < expected.Count && random.Next(2) == 0)
                {
                    Assert.Equal(expected[settled++], packed.SettleNext());
                }

                if (settled > 0 && random.Next(20) == 0)
                {
                    var taken = new Reading[random.Next(1, settled + 1)];
                    packed.TakeOut(taken);
                    Assert.Equal(expected[..taken.Length], taken);
                    expected.RemoveRange(0, taken.Length);
                    settled -= taken.Length;
                    Assert.Equal((expected.Count, settled), (packed.Count, packed.SettledCount));
                }

                var found = new Reading[packed.Count];
                packed.CopyTo(found);
                Assert.Equal(expected, found);
            }

            packed.Replace([], 0);
        }

        // Whatever was lost would have been made anew each time; whatever was given back twice would have had two owners.
        Assert.InRange(pages.Take(), 1, PagesOfAll);
    }

    [Fact]
    public void TakeOut_OfTheLongestReadingThereIs_FitsIntoAPage()
    {
        var packed = new PackedReadings(new ReadingPages());
        Reading[] readings = [.. Enumerable.Range(0, 12).Select(i => new Reading(
            new Instant(i % 2 == 0 ? long.MinValue + i : long.MaxValue - 12 + i),
            (ReadingFields)31,
            new Power(i % 2 == 0 ? long.MinValue + i : long.MaxValue - i),
            new Energy(i % 2 == 0 ? long.MaxValue - i : long.MinValue + i),
            new HashRate(i % 2 == 0 ? long.MinValue + i : long.MaxValue - i),
            new Temperature(i % 2 == 0 ? int.MaxValue - i : int.MinValue + i),
            (DeviceStatus)(i % 5)))];
        Array.ForEach(readings, reading => packed.Append(reading));
        for (int taken = 0; taken < readings.Length; taken++)
        {
            Assert.Equal(readings[taken], packed.SettleNext());
            var oldest = new Reading[1];
            packed.TakeOut(oldest);
            Assert.Equal(readings[taken], oldest[0]);
            var rest = new Reading[packed.Count];
            packed.CopyTo(rest);
            Assert.Equal(readings[(taken + 1)..], rest);
        }
    }

    private static Reading Any(Random random, Instant at)
    {
        var fields = (ReadingFields)random.Next(1, 32);
        return new Reading(
            at,
            fields,
            new Power(fields.HasFlag(ReadingFields.Power) ? Value(random) : 0),
            new Energy(fields.HasFlag(ReadingFields.Register) ? Value(random) : 0),
            new HashRate(fields.HasFlag(ReadingFields.HashRate) ? Value(random) : 0),
            new Temperature(fields.HasFlag(ReadingFields.Temperature) ? (int)(Value(random) >> 32) : 0),
            fields.HasFlag(ReadingFields.Status) ? (DeviceStatus)random.Next(5) : DeviceStatus.Unknown);
    }

    private static long Value(Random random) => random.Next(4) == 0 ? random.NextInt64(long.MinValue, long.MaxValue) : random.NextInt64(0, 100_000) * 100;
}
