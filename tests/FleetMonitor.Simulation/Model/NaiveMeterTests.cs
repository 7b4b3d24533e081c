using System.Numerics;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry;
using Xunit;

namespace FleetMonitor.Simulation.Model;

public class NaiveMeterTests
{
    private const int Seeds = 1_000;

    public static TheoryData<string> CaseNames => [.. MeteringCases.All.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void Books_OfAWorkedCase_AreAsWorkedOut(string name)
    {
        MeteringCase worked = MeteringCases.Named(name);

        Assert.Equal(worked.Expected.Describe(), NaiveMeter.BooksOf(worked.Input).Describe());
    }

    [Fact]
    public void Books_OfOneSetInAnyOrder_AreTheSame()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            ReadingSet set = ReadingSets.Create(seed);
            List<Reading> arrived = [.. Arrivals.Of(set.Input.Readings, new Random(seed)).SelectMany(batch => batch)];

            string books = NaiveMeter.BooksOf(set.Input).Describe();
            string again = NaiveMeter.BooksOf(set.Input with { Readings = arrived }).Describe();

            Assert.True(books == again, $"{set}\n{books}\nand after arriving otherwise\n{again}");
        }
    }

    /// <summary>Midnights cut intervals and lose nothing of them: the pieces sum to the whole wherever they fall.</summary>
    [Fact]
    public void Total_InAnotherZone_IsTheSame()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            ReadingSet set = ReadingSets.Create(seed);

            ModelEnergy here = NaiveMeter.BooksOf(set.Input).Total;
            ModelEnergy there = NaiveMeter.BooksOf(set.Input with { Zone = TimeZoneInfo.Utc }).Total;

            Assert.True(here == there, $"{set}: {here} and in UTC {there}");
        }
    }

    /// <summary>For registers that only rise, the books hold the last minus the first, whatever the power says and however often it came.</summary>
    [Fact]
    public void Register_ThatOnlyRises_CountsTheLastMinusTheFirst()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            ReadingSet set = ReadingSets.Create(seed);
            ModelBooks books = NaiveMeter.BooksOf(set.Input);
            if (books.Events.Count > 0)
            {
                continue;
            }

            List<Reading> registers = [.. set.Input.Readings.Where(reading => reading.HasRegister).OrderBy(reading => reading.At)];
            BigInteger rise = registers.Count == 0 ? 0 : registers[^1].Register.MicrowattHours - registers[0].Register.MicrowattHours;

            Assert.True(books.Total.Register == rise, $"{set}: {books.Total.Register}, not {rise}");
        }
    }

    [Fact]
    public void Energy_InAnyQuality_IsNeverNegative()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            ReadingSet set = ReadingSets.Create(seed);

            Assert.All(
                NaiveMeter.BooksOf(set.Input).Days,
                day => Assert.True(
                    day.Value is { Register.Sign: >= 0, Integrated.Sign: >= 0, Estimated.Sign: >= 0 }, $"{set}: {day.Key:O} {day.Value}"));
        }
    }

    /// <summary>A generator that never reaches a rule proves nothing about it.</summary>
    [Fact]
    public void ReadingSets_Together_ReachEveryRule()
    {
        List<ModelBooks> books = [.. Enumerable.Range(0, Seeds).Select(seed => NaiveMeter.BooksOf(ReadingSets.Create(seed).Input))];
        const int often = Seeds / 50;

        Assert.All(Enum.GetValues<MeterEventKind>(), kind => Assert.InRange(
            books.Count(one => one.Events.Any(happened => happened.Kind == kind)), often, Seeds));
        Assert.All(Enum.GetValues<ModelGapReason>(), reason => Assert.InRange(
            books.Count(one => one.Gaps.Any(gap => gap.Reason == reason)), often, Seeds));
        Assert.InRange(books.Count(one => one.Total.Register > 0 && one.Total.Integrated > 0), often, Seeds);
        Assert.InRange(books.Count(one => one.Total.Register > 0 && one.Total.Estimated > 0), often, Seeds);
        Assert.InRange(books.Count(one => one.Days.Count > 2), often, Seeds);
    }
}
