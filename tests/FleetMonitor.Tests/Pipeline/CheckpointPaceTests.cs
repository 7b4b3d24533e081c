using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Pipeline;
using Xunit;

namespace FleetMonitor.Tests.Pipeline;

/// <summary>A commit a second, five minutes to wait at least: how long devices wait, and how many are taken, by how often they report.</summary>
public sealed class CheckpointPaceTests
{
    private const int Devices = 1_000;
    private static readonly TimeSpan After = TimeSpan.FromMinutes(5);

    private readonly CheckpointPace _pace = new(After);
    private Instant _now = Instant.From(new DateTimeOffset(2026, 11, 21, 7, 0, 0, TimeSpan.Zero));
    private long _sequence;

    [Theory]
    [InlineData(1, 300)]
    [InlineData(10, 300)]
    [InlineData(30, 480)]
    [InlineData(60, 960)]
    [InlineData(100, 1_600)]
    [InlineData(200, 1_800)]
    [InlineData(3_600, 1_800)]
    public void Advance_DevicesThatReportEvery_WaitForSixteenReadingsWithinTheirBounds(int interval, int seconds)
    {
        (long dirtyBefore, double share) = Pass(3_600, interval);

        // Marked is every second: a device is due with the one after.
        Assert.InRange(_sequence - dirtyBefore, seconds - 1, seconds + 2);
        Assert.Equal(2.0 / seconds, share, 0.0001 / seconds);
    }

    [Fact]
    public void Advance_FleetOfWhichNothingComes_IsDueAtTheLatest()
    {
        Pass(600, 10);
        long last = _sequence;

        (long before, _) = Advance(entries: 0, seconds: 1_799);
        Assert.InRange(before, 1, last);
        (long after, _) = Advance(entries: 0, seconds: 2);
        Assert.InRange(after, last + 1, long.MaxValue);
    }

    [Fact]
    public void Advance_RigsInStep_WaitAsLongAsOthersThatReportAsOften()
    {
        for (int time = 0; time < 360; time++)
        {
            // All report within a hundredth of a second, and then none does.
            for (int part = 0; part < 10; part++)
            {
                Advance(Devices / 10, 0.001);
            }

            Advance(0, 9.99);
        }

        (long dirtyBefore, double share) = Advance(0, 1);
        Assert.InRange((_sequence - dirtyBefore) / 11, 29, 31);
        Assert.Equal(2.0 / 300, share, 0.000001);
    }

    [Fact]
    public void Advance_NoDevices_LeavesThePaceOfLaterOnesAsItIs()
    {
        _pace.Advance(++_sequence, _now, 0, devices: 0);
        Assert.Equal(2.0 / 300, Pass(3_600, 10).Share, 0.000001);
    }

    [Fact]
    public void Advance_ClockThatIsSetBack_IsTimeThatDidNotPass()
    {
        Pass(3_600, 10);
        (long before, _) = Advance(100, 1);
        (long after, double share) = Advance(100, -3_600);
        Assert.Equal((before, 0), (after, share));
        Assert.InRange(Advance(100, 1).DirtyBefore, before + 1, before + 2);
    }

    [Fact]
    public void Advance_ClockThatLeaps_TakesASixteenth()
    {
        Pass(3_600, 10);
        (long dirtyBefore, double share) = Advance(100, 10_000);
        Assert.Equal((_sequence, 1.0 / 16), (dirtyBefore, share));
    }

    [Fact]
    public void Advance_NothingToWaitFor_TakesAllThatChangedBefore()
    {
        var pace = new CheckpointPace(TimeSpan.Zero);
        pace.Advance(1, _now, 1, Devices);
        pace.Advance(2, _now.Plus(TimeSpan.FromSeconds(1)), 1, Devices);
        Assert.Equal((3, 1), pace.Advance(3, _now.Plus(TimeSpan.FromSeconds(2)), Devices * 16, Devices));
    }

    /// <returns>What is due at the end, and the mean share of the last ten minutes.</returns>
    private (long DirtyBefore, double Share) Pass(int seconds, int interval)
    {
        var shares = new List<double>();
        long dirtyBefore = 0;
        long came = 0;
        for (int second = 1; second <= seconds; second++)
        {
            long due = (long)Devices * second / interval;
            (dirtyBefore, double share) = Advance((int)(due - came), 1);
            shares.Add(share);
            came = due;
        }

        return (dirtyBefore, shares.TakeLast(600).Average());
    }

    private (long DirtyBefore, double Share) Advance(int entries, double seconds)
    {
        _now = _now.Plus(TimeSpan.FromSeconds(seconds));
        return _pace.Advance(++_sequence, _now, entries, Devices);
    }
}
