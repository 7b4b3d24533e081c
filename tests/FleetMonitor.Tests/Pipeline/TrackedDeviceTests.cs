using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry;
using Xunit;

namespace FleetMonitor.Tests.Pipeline;

public sealed class TrackedDeviceTests
{
    private static readonly MeterContext Context = new(
        new MeteringOptions(), new MeterLimits(new Power(5_000_000_000), new Energy(1_000_000), null), DayCalendar.Of(TimeZoneInfo.Utc));

    [Fact]
    public void OwnsAnotherTopic_BeyondEight_IsRefusedUntilTheFleetChanges()
    {
        var device = new TrackedDevice(0, new DeviceKey("site", "rig"), new ShardMemory());

        int owned = Enumerable.Range(0, 100).Count(_ => device.OwnsAnotherTopic(1));

        Assert.Equal(8, owned);
        Assert.True(device.OwnsAnotherTopic(2));
    }

    [Fact]
    public void Days_OfSeveralDays_AreTheSumsWithoutThoseThatAreZero()
    {
        var device = new TrackedDevice(0, new DeviceKey("site", "rig"), new ShardMemory());
        var day = new DateOnly(2026, 11, 20);
        void Add(int after, long energy) => device.Add(day.AddDays(after), EnergyByQuality.Of(EnergyQuality.Register, new Energy(energy)));

        Add(0, 5);
        Add(1, 7);
        Add(0, -5);
        Add(1, 3);
        Add(2, 1);
        Add(2, -1);
        Add(0, 4);

        Assert.Equal(
            [(day, 4), (day.AddDays(1), 10)],
            device.Days.OrderBy(one => one.Key).Select(one => (one.Key, one.Value.Register.MicrowattHours)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    [InlineData(-1)]
    public void Last_OfSeveralTopics_HasTheNewestOfEachField(int laterBy)
    {
        var device = new TrackedDevice(0, new DeviceKey("site", "rig"), new ShardMemory());
        See(device, new Reading(new Instant(1_000), ReadingFields.Power | ReadingFields.HashRate, Power: new Power(7), HashRate: new HashRate(9)));
        See(device, new Reading(new Instant(1_000 + laterBy), ReadingFields.Power, Power: new Power(8)));

        Assert.Equal(
            new Reading(
                new Instant(Math.Max(1_000, 1_000 + laterBy)),
                ReadingFields.Power | ReadingFields.HashRate,
                Power: new Power(laterBy < 0 ? 7 : 8),
                HashRate: new HashRate(9)),
            device.Last);
    }

    [Fact]
    public void Last_OnceAllReadingsAreInBlocks_IsWhatItWas()
    {
        var device = new TrackedDevice(0, new DeviceKey("site", "rig"), new ShardMemory()) { Context = Context };
        var reading = new Reading(new Instant(1_000), ReadingFields.Power, Power: new Power(7));
        See(device, reading);
        var sink = new DeviceSink(device, new ShardOutput());
        device.Meter.Settle(reading.At, Context, ref sink);

        device.ArchiveSettled(1, 1);

        Assert.Single(device.TakeCheckpoint([]).Blocks);
        Assert.Equal(0, device.Meter.Count);
        Assert.Equal(reading, device.Last);
    }

    /// <summary>Whether the newest reading is held once, with the meter, or beside it: what is known of a device is the same.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Last_WhateverCameAndWasArchivedInBetween_HasTheNewestOfEachField(int seed)
    {
        ReadingFields[] kinds = [ReadingFields.Power, ReadingFields.HashRate, ReadingFields.Power | ReadingFields.HashRate];
        var random = new Random(seed);
        var device = new TrackedDevice(0, new DeviceKey("site", "rig"), new ShardMemory()) { Context = Context };
        var sink = new DeviceSink(device, new ShardOutput());
        var at = new Instant(1_790_000_000_000);
        (ReadingFields Fields, Power Power, HashRate HashRate) known = default;
        int archived = 0;
        for (int i = 0; i < 5_000; i++)
        {
            // Long stretches of both at once, as most rigs report, and stretches of two topics.
            ReadingFields fields = i / 50 % 2 == 0 ? kinds[2] : kinds[random.Next(kinds.Length)];
            at = at.Plus(TimeSpan.FromMilliseconds(random.Next(3) * 1_000));
            var reading = new Reading(
                at,
                fields,
                Power: (fields & ReadingFields.Power) != 0 ? new Power(random.Next(1, 5_000)) : default,
                HashRate: (fields & ReadingFields.HashRate) != 0 ? new HashRate(random.Next(1, 5_000)) : default);
            known = (known.Fields | fields, reading.HasPower ? reading.Power : known.Power, reading.HasHashRate ? reading.HashRate : known.HashRate);

            See(device, reading);
            if (random.Next(20) == 0)
            {
                device.Meter.Settle(at, Context, ref sink);
                device.ArchiveSettled(1, 100);
                archived += device.TakeCheckpoint([]).Blocks.Sum(block => block.Readings.Length);
            }

            Assert.Equal(new Reading(at, known.Fields, Power: known.Power, HashRate: known.HashRate), device.Last);
        }

        Assert.True(archived > 1_000);
    }

    private static void See(TrackedDevice device, in Reading reading)
    {
        Reading? last = device.Last;
        var sink = new DeviceSink(device, new ShardOutput());
        device.Meter.Admit(reading, Context, ref sink);
        device.See(reading, reading.At, last);
    }
}
