using FleetMonitor.Metering;
using FleetMonitor.Simulation.Model;
using FleetMonitor.Telemetry;
using Xunit;

namespace FleetMonitor.Simulation.Metering;

/// <summary>The real metering against the cases worked out by hand, and against the naive model over sets made to find it wrong.</summary>
public class MeterAgainstModelTests
{
    private const int Seeds = 2_000;

    public static TheoryData<string> CaseNames => [.. MeteringCases.All.Select(one => one.Name)];

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void Books_OfAWorkedCase_AreAsWorkedOut(string name)
    {
        MeteringCase worked = MeteringCases.Named(name);
        MeteredDevice device = new(worked.Input, blockSize: 4);

        device.Take(worked.Input.Readings);
        Assert.Equal(worked.Expected.Describe(), device.Books.Describe());

        device.Finish();
        Assert.Equal(worked.Expected.Describe(), device.Books.Describe());
    }

    [Fact]
    public void Books_OfAnySetInAnyOrderAndBatches_AreTheModels()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            ReadingSet set = ReadingSets.Create(seed);
            if (Difference(set.Input, seed) is not null)
            {
                ModelInput smallest = Shrink(set.Input, seed);
                Assert.Fail($"{set}\nshrunk to\n{string.Join('\n', smallest.Readings)}\n{Difference(smallest, seed)}");
            }
        }
    }

    /// <summary>The time series is made of windows: they too depend on the set alone, and they sum to the books.</summary>
    [Fact]
    public void Windows_OfAnySetInAnyOrderAndBatches_AreTheSameAndSumToTheBooks()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            ReadingSet set = ReadingSets.Create(seed);
            MeteredDevice inOrder = new(set.Input, blockSize: 4);
            inOrder.Take([.. set.Input.Readings.OrderBy(reading => reading.At)]);
            MeteredDevice otherwise = Arrive(set.Input, seed);

            string expected = string.Join('\n', inOrder.Finish().Select(Describe));
            IReadOnlyList<DeviceWindow> windows = otherwise.Finish();
            ModelEnergy total = otherwise.Books.Total;

            Assert.True(expected == string.Join('\n', windows.Select(Describe)), $"{set}");
            Assert.True(total.Total == windows.Sum(window => window.Energy), $"{set}");
            Assert.True(total.Estimated == windows.Sum(window => window.Estimated), $"{set}");
        }
    }

    /// <summary>Another set's rules up to some batch, then this one's: the books are those of its rules alone.</summary>
    [Fact]
    public void Books_AfterTheRulesChanged_AreThoseOfTheNewRules()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            ReadingSet set = ReadingSets.Create(seed);
            Random random = new(seed);
            MeteredDevice device = new(ReadingSets.Create(seed + Seeds).Input, blockSize: random.Next(1, 6));
            IReadOnlyList<IReadOnlyList<Reading>> batches = Arrivals.Of(set.Input.Readings, random);
            int changeBefore = random.Next(batches.Count + 1);
            for (int i = 0; i <= batches.Count; i++)
            {
                if (i == changeBefore)
                {
                    device.ChangeRules(set.Input);
                }

                if (i < batches.Count)
                {
                    device.Take(batches[i]);
                    device.KeepHouse(random);
                }
            }

            string? difference = Compare(device, set.Input);
            Assert.True(difference is null, $"{set}\n{difference}");
        }
    }

    /// <summary>Both books where they differ after any batch; null where they never do.</summary>
    private static string? Difference(ModelInput input, int seed)
    {
        Random random = new(seed);
        MeteredDevice device = new(input, blockSize: random.Next(1, 6));
        List<Reading> arrived = [];
        foreach (IReadOnlyList<Reading> batch in Arrivals.Of(input.Readings, random))
        {
            device.Take(batch);
            device.KeepHouse(random);
            arrived.AddRange(batch);
            if (random.Next(4) == 0 && Compare(device, input with { Readings = arrived }) is { } underway)
            {
                return underway;
            }
        }

        return Compare(device, input);
    }

    private static string? Compare(MeteredDevice device, ModelInput input)
    {
        string expected = NaiveMeter.BooksOf(input).Describe();
        string actual = device.Books.Describe();
        return expected == actual ? null : $"model\n{expected}metering\n{actual}";
    }

    private static MeteredDevice Arrive(ModelInput input, int seed)
    {
        Random random = new(seed);
        MeteredDevice device = new(input, blockSize: random.Next(1, 6));
        foreach (IReadOnlyList<Reading> batch in Arrivals.Of(input.Readings, random))
        {
            device.Take(batch);
            device.KeepHouse(random);
        }

        return device;
    }

    /// <summary>Leaves out readings one by one while the books still differ.</summary>
    private static ModelInput Shrink(ModelInput input, int seed)
    {
        for (int i = 0; i < input.Readings.Count; i++)
        {
            ModelInput smaller = input with { Readings = [.. input.Readings.Where((_, index) => index != i)] };
            if (Difference(smaller, seed) is not null)
            {
                return Shrink(smaller, seed);
            }
        }

        return input;
    }

    /// <summary>Everything but whether it was handed over, which is no part of what a window says.</summary>
    private static string Describe(DeviceWindow window) => (window with { HandedOver = true }).ToString();
}
