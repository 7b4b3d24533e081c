using FleetMonitor.Anomalies.Series;
using Xunit;

namespace FleetMonitor.Tests.Anomalies;

public class SeriesDetectorTests
{
    private const double Interval = 300;

    [Fact]
    public void Noise_Spike_IsFlaggedAtOnce() => AssertFlagged(Noise(1, 2000), at: 1500, (v, i) => i == 0 ? v + 12 : v, within: 1);

    [Fact]
    public void Noise_LevelShift_IsFlaggedSoon() => AssertFlagged(Noise(2, 2000), at: 1500, (v, _) => v + 4, within: 20);

    [Fact]
    public void Noise_FlatLine_IsFlagged() => AssertFlagged(Noise(3, 2000), at: 1500, (_, _) => 100, within: 60);

    [Fact]
    public void Noise_Burst_IsFlaggedSoon() => AssertFlagged(Noise(4, 2000), at: 1500, (v, _) => 100 + (5 * (v - 100)), within: 20);

    [Fact]
    public void Season_MissingPeak_IsFlaggedThoughTheValuesAreUsualAtNight()
    {
        double[] values = [.. Noise(5, 4000).Select((v, i) => (0.3 * v) + (20 * Math.Sin(2 * Math.PI * i * Interval / 86_400)))];
        double low = values.Min();
        AssertFlagged(values, at: 3520, (v, i) => i < 60 ? Math.Min(v, low + 5) : v, within: 30);
    }

    [Fact]
    public void DutyCycle_OfNoClocksPeriod_IsFlaggedWhereAPulseIsMissing()
    {
        // On for 30 rows of 97, which no hour explains; one pulse does not come.
        double[] values = [.. Noise(10, 3000).Select((v, i) => (0.2 * v) + (i % 97 < 30 ? 20 : 0))];
        double low = values.Min();
        AssertFlagged(values, at: 97 * 20, (v, i) => i < 30 ? low + 0.2 : v, within: 3);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void Noise_Only_IsFlaggedOnceInAThousandRowsAtMost(int seed) => Assert.InRange(Flags(Noise(seed, 5000)).Count, 0, 5);

    [Fact]
    public void Constant_Series_ScoresZero() => Assert.All(Scores([.. Enumerable.Repeat(5.0, 1000)]), score => Assert.Equal(0, score.Score));

    [Fact]
    public void Constant_ThenAnotherValue_IsFlagged() =>
        AssertFlagged([.. Enumerable.Repeat(5.0, 1000)], at: 700, (_, _) => 5.1, within: 1);

    [Theory]
    [InlineData(1e-12)]
    [InlineData(1e12)]
    public void Series_AtAnyScale_HasTheSameScores(double scale)
    {
        double[] values = Noise(6, 1500);
        values[1200] += 10;
        List<SeriesScore> expected = Scores(values);
        List<SeriesScore> scaled = Scores([.. values.Select(v => v * scale)]);
        Assert.All(expected.Zip(scaled), pair => Assert.Equal(pair.First.Score, pair.Second.Score, 6));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Missing_Value_ScoresZeroAndTeachesNothing(double missing)
    {
        SeriesDetector with = new();
        SeriesDetector without = new();
        double[] values = Noise(7, 600);
        for (int i = 0; i < values.Length; i++)
        {
            Assert.Equal(default, with.Observe(i * Interval, missing));
            Assert.Equal(without.Observe(i * Interval, values[i]), with.Observe(i * Interval, values[i]));
        }
    }

    [Fact]
    public void Series_OfExtremes_ScoresWithinBounds()
    {
        double[] odd = [double.MaxValue, double.MinValue, double.Epsilon, 0, -0.0, 1e308, -1e-308];
        Random random = new(8);
        Assert.All(Scores([.. Enumerable.Range(0, 3000).Select(_ => odd[random.Next(odd.Length)])]), s => Assert.InRange(s.Score, 0, 1));
    }

    [Fact]
    public void Flag_Again_WaitsForTheRefractoryPeriod()
    {
        double[] values = Noise(9, 2000);
        for (int i = 1500; i < 1540; i++)
        {
            values[i] += 12;
        }

        Assert.Single(Flags(values), row => row is >= 1500 and < 1540);
    }

    private static void AssertFlagged(double[] values, int at, Func<double, int, double> disturb, int within)
    {
        for (int i = at; i < values.Length; i++)
        {
            values[i] = disturb(values[i], i - at);
        }

        List<int> flags = Flags(values);
        Assert.Contains(flags, row => row >= at && row < at + within);
        Assert.InRange(flags.Count(row => row < at), 0, at / 1000);
    }

    private static List<int> Flags(double[] values) =>
        [.. Scores(values).Select((score, row) => (score.Flag, row)).Where(pair => pair.Flag).Select(pair => pair.row)];

    private static List<SeriesScore> Scores(double[] values)
    {
        SeriesDetector detector = new();
        return [.. values.Select((value, row) => detector.Observe(row * Interval, value))];
    }

    private static double[] Noise(int seed, int rows)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, rows).Select(_ => 100 + Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6)];
    }
}
