using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Simulator;
using Xunit;

namespace FleetMonitor.Tests.Simulator;

public class SimulatedFleetTests
{
    private const long StepMilliseconds = 100;
    private const long PerTenthWattHour = 360_000_000;

    // 18:59:30 UTC is half a minute before midnight in Almaty (UTC+5 since March 2024).
    private static readonly Instant Start = Instant.From(new DateTimeOffset(2026, 11, 21, 18, 59, 30, TimeSpan.Zero));

    [Theory]
    [InlineData(1)]
    [InlineData(977)]
    public void Drawn_AtAnySample_IsTheSumOfTheSignalOverThe100MillisecondGrid(ulong seed)
    {
        SimulatedFleet fleet = Fleet(rigs: 5, seed, HourOfFaults());
        var random = new Random((int)seed);
        for (int device = 0; device < fleet.Count; device++)
        {
            long time = Start.UnixMilliseconds;
            Assert.True(fleet.TrySample(device, new Instant(time), out SimulatedSample sample), $"seed {seed}");
            long drawn = sample.DrawnMilliwattMilliseconds;
            while (time < Start.UnixMilliseconds + 3_900_000)
            {
                long next = time + random.Next(1, 25_000);
                drawn += SumOfSteps(fleet, device, time, next);
                time = next;
                if (fleet.TrySample(device, new Instant(time), out sample))
                {
                    Assert.True(drawn == sample.DrawnMilliwattMilliseconds, $"seed {seed}, device {device}, time {time}");
                }
            }
        }
    }

    [Fact]
    public void Signal_OfAHealthyRig_IsNoisyStepsNearItsNameplate()
    {
        SimulatedFleet fleet = Fleet(rigs: 1);
        long first = Start.UnixMilliseconds / StepMilliseconds;
        long[] powers = [.. Enumerable.Range(0, 600).Select(step => fleet.MilliwattsAt(0, first + step))];

        Assert.All(powers, power => Assert.InRange(power, 900L * fleet.Model(0).Watts, 1100L * fleet.Model(0).Watts));
        Assert.True(powers.Distinct().Count() > 300);
    }

    [Fact]
    public void Signal_OverDays_IdlesNowAndThen()
    {
        SimulatedFleet fleet = Fleet(rigs: 20);
        long first = Start.UnixMilliseconds / StepMilliseconds;
        int idle = 0;
        for (int device = 0; device < fleet.Count; device++)
        {
            for (long minute = 0; minute < 2 * 24 * 60; minute++)
            {
                idle += fleet.MilliwattsAt(device, first + (minute * 600)) < 100_000 ? 1 : 0;
            }
        }

        // About one spell of 1 to 9 minutes a day and rig: 40 rig-days.
        Assert.InRange(idle, 40, 600);
    }

    [Fact]
    public void Register_WithoutReset_IsTheFlooredTruthAndNeverFalls()
    {
        SimulatedFleet fleet = Fleet(rigs: 3);
        for (int device = 0; device < fleet.Count; device++)
        {
            long last = 0;
            for (int reading = 0; reading < 200; reading++)
            {
                Assert.True(fleet.TrySample(device, Start.Plus(TimeSpan.FromSeconds(7.3 * reading)), out SimulatedSample sample));
                long register = sample.Register!.Value.MicrowattHours;
                Assert.Equal(sample.DrawnMilliwattMilliseconds / PerTenthWattHour * 100_000, register);
                Assert.True(register >= last);
                last = register;
            }
        }
    }

    [Fact]
    public void Power_IsTheMeanOverTheLastSecond()
    {
        SimulatedFleet fleet = Fleet(rigs: 1);
        Instant time = Start.Plus(TimeSpan.FromSeconds(10));
        Assert.True(fleet.TrySample(0, time, out SimulatedSample sample));

        long mean = SumOfSteps(fleet, 0, time.UnixMilliseconds - 1000, time.UnixMilliseconds) / 1000;
        Assert.InRange(sample.Power.Milliwatts - mean, -50, 50);
        Assert.Equal(0, sample.Power.Milliwatts % 100);
    }

    [Fact]
    public void Payloads_OfTheSameSeed_AreTheSameBytes()
    {
        Assert.Equal(Payloads(seed: 7), Payloads(seed: 7));
        Assert.NotEqual(Payloads(seed: 7), Payloads(seed: 8));
    }

    [Fact]
    public void Payload_IsNativeTelemetry()
    {
        var sample = new SimulatedSample
        {
            Device = 0,
            SampledAt = default,
            Timestamp = Instant.From(new DateTimeOffset(2026, 11, 21, 10, 0, 0, 7, TimeSpan.Zero)),
            Power = new Power(3_250_500),
            Register = new Energy(123_456_700_000),
            HashRate = new HashRate(110_200_000),
            Temperature = new Temperature(61_500),
            Mining = true,
            DrawnMilliwattMilliseconds = 0,
        };

        Assert.Equal(
            """{"ts":"2026-11-21T10:00:00.007Z","power_w":3250.5,"energy_wh":123456.7,"hashrate_ths":110.2,"temp_c":61.5,"status":"mining"}""",
            Encode(sample));
        Assert.Equal(
            """{"ts":"2026-11-21T10:00:00.007Z","power_w":0.1,"hashrate_ths":0.0,"temp_c":61.5,"status":"idle"}""",
            Encode(sample with { Power = new Power(100), Register = null, HashRate = default, Mining = false }));
        Assert.Equal("fleet/site-1/rig-1/telemetry", TelemetryPayload.Topic("site-1", "rig-1"));
    }

    [Fact]
    public void Payload_OfTheLargestNumbers_FitsItsBuffer()
    {
        var sample = new SimulatedSample
        {
            Device = 0,
            SampledAt = default,
            Timestamp = default,
            Power = new Power(long.MaxValue),
            Register = new Energy(long.MaxValue),
            HashRate = new HashRate(long.MaxValue),
            Temperature = new Temperature(int.MaxValue),
            Mining = true,
            DrawnMilliwattMilliseconds = 0,
        };

        Assert.EndsWith("\"status\":\"mining\"}", Encode(sample));
    }

    private static string Encode(SimulatedSample sample)
    {
        byte[] buffer = new byte[TelemetryPayload.MaxBytes];
        return Encoding.UTF8.GetString(buffer, 0, new TelemetryPayload().Write(sample, buffer));
    }

    private static string Payloads(ulong seed)
    {
        SimulatedFleet fleet = Fleet(rigs: 20, seed, HourOfFaults());
        var text = new StringBuilder();
        for (int reading = 0; reading < 50; reading++)
        {
            for (int device = 0; device < fleet.Count; device++)
            {
                if (fleet.TrySample(device, Start.Plus(TimeSpan.FromSeconds(reading * 10)), out SimulatedSample sample))
                {
                    text.Append(Encode(sample)).Append('\n');
                }
            }
        }

        return text.ToString();
    }

    /// <summary>Faults that change what is drawn, overlapping, some at midnight.</summary>
    private static Fault[] HourOfFaults() =>
    [
        MakeFault(FaultKind.Offline, 1, 20, 90),
        MakeFault(FaultKind.Overload, 2, 10, 600),
        MakeFault(FaultKind.Offline, 2, 300, 400),
        MakeFault(FaultKind.SiteOutage, null, 1000, 1100),
        MakeFault(FaultKind.RegisterReset, 3, 30, 30),
        MakeFault(FaultKind.NoData, 4, 5, 900),
    ];

    private static Fault MakeFault(FaultKind kind, int? device, int from, int to) =>
        new(kind, device, Start.Plus(TimeSpan.FromSeconds(from)), Start.Plus(TimeSpan.FromSeconds(to)), TimeSpan.Zero);

    private static SimulatedFleet Fleet(int rigs, ulong seed = 1, params Fault[] faults) => new(new SimulatedFleetOptions
    {
        Rigs = rigs,
        Seed = seed,
        Start = Start,
        TimeZone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Almaty"),
        Faults = faults,
    });

    /// <summary>The integral by its definition: each step's power times the part of the step that lies inside.</summary>
    private static long SumOfSteps(SimulatedFleet fleet, int device, long from, long to)
    {
        long sum = 0;
        for (long step = from / StepMilliseconds; step * StepMilliseconds < to; step++)
        {
            long inside = Math.Min(to, (step + 1) * StepMilliseconds) - Math.Max(from, step * StepMilliseconds);
            sum += fleet.MilliwattsAt(device, step) * inside;
        }

        return sum;
    }
}
