using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry;
using Xunit;

namespace FleetMonitor.Tests.Pipeline;

/// <summary>Readings at hand are packed: whatever they are, they must come out as they went in.</summary>
public sealed class BufferedReadingsTests
{
    /// <summary>Beyond what decoding lets through; sums of windows hold it.</summary>
    private const long MostMetered = 1_000_000_000_000_000;

    private static readonly MeterContext Context = new(
        MeteringOptions.Default, new MeterLimits(new Power(5_000_000_000), new Energy(1_000_000), null), DayCalendar.Of(TimeZoneInfo.Utc));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Buffered_ReadingsOfAnyValuesInAnyOrder_AreTheReadingsByTime(int seed)
    {
        var random = new Random(seed);
        var pages = new ReadingPages();
        for (int device = 0; device < 60; device++)
        {
            var meter = new DeviceMeter(pages);
            var expected = new SortedDictionary<long, Reading>();
            var sink = default(Deaf);
            long at = random.NextInt64(1_262_304_000_000, 2_000_000_000_000);
            for (int i = 0; i < 120; i++)
            {
                at += random.Next(4) == 0 ? random.NextInt64(1, 10_000_000_000) : 10_000 + random.Next(-50, 50);
                long own = random.Next(10) == 0 ? at - random.Next(1, 100_000) : at;
                Reading reading = Any(random, new Instant(own));
                if (expected.TryAdd(own, reading))
                {
                    Assert.Equal(Admission.Admitted, meter.Admit(reading, Context, ref sink));
                }

                if (random.Next(5) == 0)
                {
                    // Packs what came out of order.
                    meter.Pack();
                }

                Assert.Equal(expected.Keys.Last(), meter.NewestAt!.Value.UnixMilliseconds);
            }

            Assert.Equal(expected.Values, meter.Buffered());
            if (device % 2 == 0)
            {
                meter.Release();
            }
        }
    }

    /// <summary>What stays is written anew in part, and lies where it lay for the rest: all of it comes out, is merged with and goes on as before.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Archive_OfReadingsOfAnyValues_LeavesTheOthersAsTheyWere(int seed)
    {
        var random = new Random(seed);
        var pages = new ReadingPages();
        int archived = 0;
        for (int device = 0; device < 60; device++)
        {
            var meter = new DeviceMeter(pages);
            var expected = new List<Reading>();
            var kept = new List<Reading>();
            var sink = default(Deaf);
            long at = random.NextInt64(1_262_304_000_000, 2_000_000_000_000);
            for (int i = 0; i < 400; i++)
            {
                at += random.Next(20) == 0 ? random.NextInt64(1, 10_000_000_000) : 10_000 + random.Next(-50, 50);
                Reading reading = device % 3 == 0 ? Usual(i, new Instant(at)) : Any(random, new Instant(at), MostMetered);
                meter.Admit(reading, Context, ref sink);
                expected.Add(reading);
                if (random.Next(8) == 0 && !reading.HasHashRate)
                {
                    Reading more = new(reading.At, ReadingFields.HashRate, HashRate: new HashRate(random.NextInt64(MostMetered)));
                    Assert.Equal(Admission.Merged, meter.Admit(more, Context, ref sink));
                    expected[^1] = Reading.Merge(reading, more, out _);
                }

                if (random.Next(3) == 0)
                {
                    meter.Settle(expected[random.Next(Math.Max(0, expected.Count - 60), expected.Count)].At.Minus(TimeSpan.FromMilliseconds(1)), Context, ref sink);
                }

                if (random.Next(12) == 0)
                {
                    int settled = meter.SettledCount;
                    int unsettled = meter.UnsettledCount;
                    int most = random.Next(1, 60);
                    int least = random.Next(1, most + 1);
                    IReadOnlyList<ReadingBlock> blocks = meter.Archive(least, most, Context);
                    Assert.All(blocks, block => Assert.InRange(block.Readings.Length, least, most));
                    Assert.InRange(meter.SettledCount, 0, least - 1);
                    Assert.Equal(settled, meter.SettledCount + blocks.Sum(block => block.Readings.Length));
                    Assert.Equal(unsettled, meter.UnsettledCount);
                    kept.AddRange(blocks.SelectMany(block => block.Readings));
                    Assert.Equal(expected, [.. kept, .. meter.Buffered()]);
                    archived += blocks.Count;
                }
            }

            Assert.Equal(expected, [.. kept, .. meter.Buffered()]);
            meter.Settle(new Instant(at), Context, ref sink);
            Assert.Equal(meter.Count, meter.SettledCount);
            Assert.Equal(expected, [.. kept, .. meter.Buffered()]);
            if (device % 2 == 0)
            {
                meter.Release();
            }
        }

        Assert.InRange(archived, 1_000, int.MaxValue);
    }

    [Fact]
    public void Admit_SecondTopicOfTheSameTime_PutsItsFieldsIntoTheNewest()
    {
        var meter = new DeviceMeter(new ReadingPages());
        var sink = default(Deaf);
        for (int i = 1; i <= 30; i++)
        {
            var at = new Instant(1_790_000_000_000 + (i * 10_000));
            Assert.Equal(Admission.Admitted, meter.Admit(new Reading(at, ReadingFields.Power, Power: new Power(3_250_000 + i)), Context, ref sink));
            Assert.Equal(
                Admission.Merged, meter.Admit(new Reading(at, ReadingFields.Register, Register: new Energy(9_000_000 * i)), Context, ref sink));
            Assert.Equal(
                Admission.Duplicate, meter.Admit(new Reading(at, ReadingFields.Power, Power: new Power(3_250_000 + i)), Context, ref sink));
            meter.Settle(at.Minus(TimeSpan.FromSeconds(60)), Context, ref sink);
        }

        Assert.Equal(
            Enumerable.Range(1, 30).Select(i => new Reading(
                new Instant(1_790_000_000_000 + (i * 10_000)), ReadingFields.Power | ReadingFields.Register, new Power(3_250_000 + i), new Energy(9_000_000 * i))),
            meter.Buffered());
        Assert.Equal(24, meter.SettledCount);
    }

    [Fact]
    public void Admit_AndSettleInSteadyState_AllocateNothing()
    {
        var meters = new DeviceMeter[100];
        var pages = new ReadingPages();
        var sink = default(Deaf);
        for (int device = 0; device < meters.Length; device++)
        {
            meters[device] = new DeviceMeter(pages);
        }

        // Once around, so that the pages are there: those of the readings, and of where metering stands before them once a block has gone.
        int next = Feed(meters, 0, 80, ref sink);
        ArchiveAll(meters);
        next = Feed(meters, next, 70, ref sink);
        ArchiveAll(meters);
        next = Feed(meters, next, 10, ref sink);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Feed(meters, next, 50, ref sink);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Admit_UsualReadingsOfFourFields_TakeLessThanFiveBytesEach()
    {
        var meters = new DeviceMeter[1_000];
        var pages = new ReadingPages();
        var sink = default(Deaf);
        for (int device = 0; device < meters.Length; device++)
        {
            meters[device] = new DeviceMeter(pages);
        }

        // Nothing settles within the window, so that all that is allocated holds readings.
        Feed(meters, 0, 1, ref sink, settle: false);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Feed(meters, 1, 100, ref sink, settle: false);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / (100.0 * meters.Length), 0, 5);
    }

    private static void ArchiveAll(DeviceMeter[] meters)
    {
        foreach (DeviceMeter meter in meters)
        {
            Assert.NotEmpty(meter.Archive(64, 64, Context));
        }
    }

    private static int Feed(DeviceMeter[] meters, int first, int count, ref Deaf sink, bool settle = true)
    {
        for (int i = first; i < first + count; i++)
        {
            var at = new Instant(1_790_000_000_000 + (i * 10_000) + (i * 7919 % 100));
            foreach (DeviceMeter meter in meters)
            {
                meter.Admit(Usual(i, at), Context, ref sink);
                if (settle)
                {
                    meter.Settle(at.Minus(TimeSpan.FromSeconds(60)), Context, ref sink);
                }

                meter.Pack();
            }
        }

        return first + count;
    }

    private static Reading Usual(int number, Instant at) => new(
        at,
        ReadingFields.Power | ReadingFields.Register | ReadingFields.HashRate | ReadingFields.Temperature,
        new Power(3_250_000 + (number * 7919 % 640 * 100)),
        new Energy(9_000_000L * number),
        new HashRate(110_000_000 + (number % 20 * 100_000)),
        new Temperature(61_000 + (number % 10 * 100)));

    /// <summary>Any fields, and values from none to the greatest, round and not.</summary>
    private static Reading Any(Random random, Instant at, long most = long.MaxValue)
    {
        var fields = (ReadingFields)random.Next(1, 32);
        return new Reading(
            at,
            fields,
            new Power(fields.HasFlag(ReadingFields.Power) ? Value(random, 5_000_000_000) : 0),
            new Energy(fields.HasFlag(ReadingFields.Register) ? Value(random, most) : 0),
            new HashRate(fields.HasFlag(ReadingFields.HashRate) ? Value(random, most) : 0),
            new Temperature(fields.HasFlag(ReadingFields.Temperature) ? (int)(Value(random, int.MaxValue) * (random.Next(2) == 0 ? 1 : -1)) : 0),
            fields.HasFlag(ReadingFields.Status) ? (DeviceStatus)random.Next(5) : DeviceStatus.Unknown);
    }

    private static long Value(Random random, long most) => random.Next(5) switch
    {
        0 => 0,
        1 => most,
        2 => random.NextInt64(most),
        _ => random.NextInt64(Math.Min(most, 40_000)) * (long)Math.Pow(10, random.Next(5)),
    };

    private readonly struct Deaf : IDeviceSink
    {
        public void Add(DateOnly day, EnergyQuality quality, Energy energy)
        {
        }

        public void Add(in Gap gap)
        {
        }

        public void CoverGaps(Instant from)
        {
        }

        public void Add(in MeterEvent meterEvent)
        {
        }

        public void Add(in DeviceWindow window)
        {
        }

        public void Restart(Instant foundAt)
        {
        }
    }
}
