using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Simulator;
using Xunit;

namespace FleetMonitor.Tests.Simulator;

public class FaultTests
{
    private static readonly Instant Start = Instant.From(new DateTimeOffset(2026, 6, 1, 6, 0, 0, TimeSpan.Zero));

    // Every fault here holds from second 60 to second 120.
    private static readonly Instant Before = Second(30);
    private static readonly Instant During = Second(90);
    private static readonly Instant After = Second(150);

    [Theory]
    [InlineData(FaultKind.Offline)]
    [InlineData(FaultKind.SiteOutage)]
    public void OfflineDevice_PublishesNothing_AndItsRegisterStandsStill(FaultKind kind)
    {
        SimulatedFleet fleet = Fleet(kind);
        SimulatedSample last = Sample(fleet, Second(59));

        Assert.False(fleet.TrySample(0, Second(60), out _));
        Assert.False(fleet.TrySample(0, During, out _));
        Assert.Equal(SumOver(fleet, 59, 60), Sample(fleet, Second(120)).DrawnMilliwattMilliseconds - last.DrawnMilliwattMilliseconds);
        Assert.Equal(0, SumOver(fleet, 60, 120));
    }

    [Fact]
    public void SilentDevice_PublishesNothing_ButDraws()
    {
        SimulatedFleet fleet = Fleet(FaultKind.NoData);
        SimulatedSample before = Sample(fleet, Before);

        Assert.False(fleet.TrySample(0, During, out _));
        Assert.Equal(SumOver(fleet, 30, 150), Sample(fleet, After).DrawnMilliwattMilliseconds - before.DrawnMilliwattMilliseconds);
        Assert.True(SumOver(fleet, 60, 120) > 0);
    }

    [Fact]
    public void ZeroHash_DrawsPowerAndSaysMining()
    {
        SimulatedSample sample = Sample(Fleet(FaultKind.ZeroHash), During);

        Assert.Equal(0, sample.HashRate.MegahashesPerSecond);
        Assert.True(sample.Mining);
        Assert.True(sample.Power.Milliwatts > 2_000_000);
    }

    [Fact]
    public void HashDrop_HashesAtSixtyPerCentWithTheSamePower()
    {
        SimulatedSample healthy = Sample(Fleet(FaultKind.Duplicate), During);
        SimulatedSample dropped = Sample(Fleet(FaultKind.HashDrop), During);

        Assert.Equal(0.6, (double)(dropped.HashRate.TerahashesPerSecond / healthy.HashRate.TerahashesPerSecond), 2);
        Assert.Equal(healthy.Power, dropped.Power);
    }

    [Fact]
    public void Overheat_IsThirtyDegreesMore() => Assert.Equal(
        30_000, Sample(Fleet(FaultKind.Overheat), During).Temperature.Millicelsius - Sample(Fleet(FaultKind.Duplicate), During).Temperature.Millicelsius);

    [Fact]
    public void Overload_DrawsThirtyPerCentMore()
    {
        long healthy = SumOver(Fleet(FaultKind.Duplicate), 60, 120);
        long overloaded = SumOver(Fleet(FaultKind.Overload), 60, 120);

        Assert.InRange((double)overloaded / healthy, 1.25, 1.35);
        Assert.Equal(SumOver(Fleet(FaultKind.Duplicate), 120, 150), SumOver(Fleet(FaultKind.Overload), 120, 150));
    }

    [Fact]
    public void RegisterReset_StartsAgainFromZeroAtItsVeryMoment()
    {
        SimulatedFleet fleet = Fleet(FaultKind.RegisterReset);
        SimulatedSample before = Sample(fleet, Before);
        SimulatedSample after = Sample(fleet, During);

        Assert.Equal(SumOver(fleet, 60, 90) / 360_000_000 * 100_000, after.Register!.Value.MicrowattHours);
        Assert.Equal(SumOver(fleet, 30, 90), after.DrawnMilliwattMilliseconds - before.DrawnMilliwattMilliseconds);
    }

    [Fact]
    public void StuckDevice_RepeatsItsValuesWithFreshTimestamps()
    {
        SimulatedFleet fleet = Fleet(FaultKind.Stuck);
        SimulatedSample first = Sample(fleet, Second(70));
        SimulatedSample second = Sample(fleet, Second(110));

        Assert.Equal(first with { SampledAt = second.SampledAt, Timestamp = second.Timestamp, DrawnMilliwattMilliseconds = second.DrawnMilliwattMilliseconds }, second);
        Assert.Equal(Second(110), second.Timestamp);
        Assert.NotEqual(first.Register, Sample(fleet, After).Register);
    }

    [Fact]
    public void Duplicate_IsSentTwice_OnlyWhileItLasts()
    {
        SimulatedFleet fleet = Fleet(FaultKind.Duplicate);

        Assert.False(Sample(fleet, Before).SentTwice);
        Assert.True(Sample(fleet, During).SentTwice);
        Assert.False(Sample(fleet, Second(120)).SentTwice);
    }

    [Fact]
    public void Delay_KeepsTheTimestampOfTheSample()
    {
        SimulatedSample sample = Sample(Fleet(FaultKind.Delay, TimeSpan.FromMinutes(3)), During);

        Assert.Equal(TimeSpan.FromMinutes(3), sample.Delay);
        Assert.Equal(During, sample.Timestamp);
    }

    [Fact]
    public void ClockOff_StampsAhead() =>
        Assert.Equal(During.Plus(TimeSpan.FromHours(2)), Sample(Fleet(FaultKind.ClockOff, TimeSpan.FromHours(2)), During).Timestamp);

    [Fact]
    public void NoRegister_PublishesPowerOnly()
    {
        SimulatedSample sample = Sample(Fleet(FaultKind.NoRegister), During);

        Assert.Null(sample.Register);
        Assert.True(sample.Power.Milliwatts > 0);
    }

    [Fact]
    public void FaultOfAnotherDevice_ChangesNothing()
    {
        SimulatedFleet fleet = Fleet(FaultKind.Offline);

        Assert.True(fleet.TrySample(1, During, out _));
    }

    [Fact]
    public void FaultFile_GoodLines_AreFaultsFromTheStart()
    {
        FaultFileResult result = FaultFile.Parse(
            [
                """{"at":"00:10:00","device":"rig-12","kind":"offline","for":"00:20:00"}""",
                "",
                "// all of them",
                """{"at":"1m","kind":"site-outage","for":"30s"}""",
                """{"at":"0s","device":"*","kind":"delay","by":"5m"}""",
                """{"at":"1h30m","device":"rig-1","kind":"register-reset"}""",
            ],
            "faults.jsonl", 12, Start);

        Assert.Empty(result.Problems);
        Assert.Equal(
            [
                new Fault(FaultKind.Offline, 11, Second(600), Second(1800), TimeSpan.Zero),
                new Fault(FaultKind.SiteOutage, null, Second(60), Second(90), TimeSpan.Zero),
                new Fault(FaultKind.Delay, null, Start, Fault.Never, TimeSpan.FromMinutes(5)),
                new Fault(FaultKind.RegisterReset, 0, Second(5400), Fault.Never, TimeSpan.Zero),
            ],
            result.Faults);
    }

    [Fact]
    public void FaultFile_BadLines_ListsEveryProblemByLine()
    {
        FaultFileResult result = FaultFile.Parse(
            [
                """{"at":"soon","device":"rig-13","kind":"ofline","for":5}""",
                """{"at":"1m","device":"rig-1","kind":"offline"}""",
                "[]",
                """{"device":"rig-1","kind":"register-reset","for":"1m","colour":"red"}""",
                "{",
                """{"at":"1m","device":"rig-1","kind":"offline","by":"1m"}""",
            ],
            "f", 12, Start);

        Assert.Empty(result.Faults);
        Assert.Equal(
            ["f:1: \"kind\"", "f:1: \"at\"", "f:1: \"for\"", "f:1: \"device\"", "f:3: this", "f:4: \"colour\"", "f:4: \"at\"", "f:4: \"for\"", "f:5: this", "f:6: \"by\""],
            result.Problems.Select(problem => string.Join(' ', problem.Split(' ')[..2])));
    }

    [Fact]
    public void FaultsNowAndThen_OfTheSameSeed_AreTheSame_AndShowEachKindEarly()
    {
        IReadOnlyList<Fault> faults = FaultsNowAndThen.Make(200, 3, Start, TimeSpan.FromHours(2));

        Assert.Equal(faults, FaultsNowAndThen.Make(200, 3, Start, TimeSpan.FromHours(2)));
        Assert.Equal(11, faults.Where(fault => fault.From < Second(130)).Select(fault => fault.Kind).Distinct().Count());
        Assert.Equal(faults.Count, faults.Select(fault => fault.Device).Distinct().Count());
    }

    [Fact]
    public void FaultsNowAndThen_OfOneRig_StayOnIt() =>
        Assert.All(FaultsNowAndThen.Make(1, 9, Start, TimeSpan.FromHours(1)), fault => Assert.Equal(0, fault.Device));

    private static Instant Second(int seconds) => Start.Plus(TimeSpan.FromSeconds(seconds));

    private static SimulatedSample Sample(SimulatedFleet fleet, Instant time)
    {
        Assert.True(fleet.TrySample(0, time, out SimulatedSample sample));
        return sample;
    }

    private static long SumOver(SimulatedFleet fleet, int from, int to)
    {
        long sum = 0;
        for (long step = Second(from).UnixMilliseconds / 100; step < Second(to).UnixMilliseconds / 100; step++)
        {
            sum += fleet.MilliwattsAt(0, step) * 100;
        }

        return sum;
    }

    private static SimulatedFleet Fleet(FaultKind kind, TimeSpan by = default) => new(new SimulatedFleetOptions
    {
        Rigs = 2,
        Start = Start,
        TimeZone = TimeZoneInfo.Utc,
        Faults = [new Fault(kind, kind == FaultKind.SiteOutage ? null : 0, Second(60), Second(120), by)],
    });
}
