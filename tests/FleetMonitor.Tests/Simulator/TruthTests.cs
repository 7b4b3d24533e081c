using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Simulator;
using Xunit;

namespace FleetMonitor.Tests.Simulator;

public class TruthTests
{
    private static readonly TimeZoneInfo Almaty = TimeZoneInfo.FindSystemTimeZoneById("Asia/Almaty");

    // 23:59:30 in Almaty.
    private static readonly Instant Start = Instant.From(new DateTimeOffset(2026, 11, 21, 18, 59, 30, TimeSpan.Zero));
    private static readonly Instant Midnight = Start.Plus(TimeSpan.FromSeconds(30));

    [Fact]
    public void Rows_AcrossMidnight_AreTheSignalSummedOnEachSideOfIt()
    {
        SimulatedFleet fleet = Fleet();
        TruthRow[] rows = Publish(fleet, out List<SimulatedSample> samples);

        Assert.Equal([new DateOnly(2026, 11, 21), new DateOnly(2026, 11, 22)], rows.Select(row => row.Date));
        long before = MicrowattHours(fleet, Start, Midnight);
        long after = MicrowattHours(fleet, Midnight, samples[^1].SampledAt);
        Assert.InRange(rows[0].Energy.MicrowattHours - before, -1, 1);
        Assert.InRange(rows[1].Energy.MicrowattHours - after, -1, 1);
    }

    [Fact]
    public void Rows_SumToWhatTheRegisterCounted_WithinItsLastDigit()
    {
        TruthRow[] rows = Publish(Fleet(), out List<SimulatedSample> samples);

        long counted = samples[^1].Register!.Value.MicrowattHours - samples[0].Register!.Value.MicrowattHours;
        Assert.InRange(rows.Sum(row => row.Energy.MicrowattHours) - counted, -100_000, 100_000);
        Assert.Equal(samples[0].Register, rows[0].FirstRegister);
        Assert.Equal(samples.Last(sample => sample.SampledAt < Midnight).Register, rows[0].LastRegister);
        Assert.Equal(samples.First(sample => sample.SampledAt >= Midnight).Register, rows[1].FirstRegister);
        Assert.Equal(samples[^1].Register, rows[1].LastRegister);
    }

    [Fact]
    public void Rows_OfReadingsNotedInAnyOrderAndTwice_AreTheSame()
    {
        SimulatedFleet fleet = Fleet();
        TruthRow[] inOrder = Publish(fleet, out List<SimulatedSample> samples);
        var truth = new Truth(fleet);
        SimulatedSample[] shuffled = [.. samples, .. samples];
        new Random(5).Shuffle(shuffled);
        foreach (SimulatedSample sample in shuffled)
        {
            truth.Published(sample);
        }

        Assert.Equal(inOrder, truth.Rows());
    }

    [Fact]
    public void Rows_OfADeviceThatPublishedOnce_HaveNoEnergy()
    {
        SimulatedFleet fleet = Fleet();
        var truth = new Truth(fleet);
        Assert.True(fleet.TrySample(0, Start.Plus(TimeSpan.FromSeconds(5)), out SimulatedSample sample));
        truth.Published(sample);

        TruthRow row = Assert.Single(truth.Rows());
        Assert.Equal(Energy.Zero, row.Energy);
        Assert.Equal(row.FirstRegister, row.LastRegister);
    }

    [Fact]
    public void Rows_OfUnpublishedReadings_AreLeftOut()
    {
        SimulatedFleet fleet = Fleet();
        Assert.True(fleet.TrySample(0, Start.Plus(TimeSpan.FromSeconds(5)), out _));

        Assert.Empty(new Truth(fleet).Rows());
    }

    [Fact]
    public void Rows_OfAClockThatIsOff_CountOnlyWhatWasStampedRight()
    {
        SimulatedFleet fleet = Fleet(new Fault(
            FaultKind.ClockOff, 0, Start.Plus(TimeSpan.FromSeconds(40)), Fault.Never, TimeSpan.FromHours(1)));
        TruthRow[] rows = Publish(fleet, out List<SimulatedSample> samples);

        Assert.Equal(samples.Last(sample => sample.Timestamp == sample.SampledAt).Register, rows[^1].LastRegister);
        Assert.Equal(TimeSpan.FromHours(1), samples[^1].Timestamp - samples[^1].SampledAt);
    }

    [Fact]
    public void Write_GivesCommaSeparatedValuesWithInvariantNumbers()
    {
        SimulatedFleet fleet = Fleet();
        var truth = new Truth(fleet);
        Assert.True(fleet.TrySample(0, Start.Plus(TimeSpan.FromSeconds(5)), out SimulatedSample sample));
        truth.Published(sample);
        var text = new StringWriter();
        truth.Write(text);

        string register = $"{sample.Register!.Value.MicrowattHours / 1_000_000}.{sample.Register.Value.MicrowattHours / 100_000 % 10}";
        Assert.Equal(
            "site,device,date,energy_wh,first_register_wh,last_register_wh\n"
            + $"site-1,rig-1,2026-11-21,0.000000,{register},{register}\n",
            text.ToString());
    }

    [Fact]
    public void Rows_OnADayOf25Hours_SplitWhereTheLocalDateChanges()
    {
        // Berlin's clocks went back on 25 October 2026; that day lasted from 22:00 UTC to 23:00 UTC.
        Instant start = Instant.From(new DateTimeOffset(2026, 10, 24, 21, 0, 0, TimeSpan.Zero));
        var fleet = new SimulatedFleet(new SimulatedFleetOptions
        {
            Rigs = 1,
            Start = start,
            TimeZone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"),
        });
        var truth = new Truth(fleet);
        for (int hour = 0; hour <= 27; hour++)
        {
            Assert.True(fleet.TrySample(0, start.Plus(TimeSpan.FromHours(hour)), out SimulatedSample sample));
            truth.Published(sample);
        }

        TruthRow[] rows = [.. truth.Rows()];
        Assert.Equal(3, rows.Length);
        long longDay = MicrowattHours(fleet, start.Plus(TimeSpan.FromHours(1)), start.Plus(TimeSpan.FromHours(26)));
        Assert.InRange(rows[1].Energy.MicrowattHours - longDay, -1, 1);
    }

    private static TruthRow[] Publish(SimulatedFleet fleet, out List<SimulatedSample> samples)
    {
        samples = [];
        var truth = new Truth(fleet);
        for (int reading = 0; reading < 12; reading++)
        {
            Assert.True(fleet.TrySample(0, Start.Plus(TimeSpan.FromMilliseconds(reading * 9_973)), out SimulatedSample sample));
            samples.Add(sample);
            truth.Published(sample);
        }

        return [.. truth.Rows()];
    }

    private static SimulatedFleet Fleet(params Fault[] faults) =>
        new(new SimulatedFleetOptions { Rigs = 1, Start = Start, TimeZone = Almaty, Faults = faults });

    private static long MicrowattHours(SimulatedFleet fleet, Instant from, Instant to)
    {
        long sum = 0;
        for (long time = from.UnixMilliseconds; time < to.UnixMilliseconds; time++)
        {
            sum += fleet.MilliwattsAt(0, time / 100);
            if (time % 100 == 0 && time + 100 <= to.UnixMilliseconds)
            {
                sum += fleet.MilliwattsAt(0, time / 100) * 99;
                time += 99;
            }
        }

        return sum / 3_600;
    }
}
