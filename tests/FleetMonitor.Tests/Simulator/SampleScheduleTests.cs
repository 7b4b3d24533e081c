using FleetMonitor.Service.Simulator;
using Xunit;

namespace FleetMonitor.Tests.Simulator;

public class SampleScheduleTests
{
    [Fact]
    public void Schedule_SpreadsDevicesEvenlyOverTheInterval_AndDealsThemToConnections()
    {
        var schedule = new SampleSchedule(rigs: 5, connections: 2, connection: 1, start: 1000, TimeSpan.FromSeconds(10));
        var taken = new List<(int, long)>();
        for (int reading = 0; reading < 4; reading++)
        {
            long due = schedule.NextDue(0);
            taken.Add((schedule.Device, due));
            schedule.Advance(due);
        }

        // Devices 1 and 3 of 5: a fifth and three fifths into each ten seconds.
        Assert.Equal([(1, 3000), (3, 7000), (1, 13000), (3, 17000)], taken);
    }

    [Fact]
    public void Schedule_BehindByMoreThanAnInterval_SkipsWhatCannotBeOnTime()
    {
        var schedule = new SampleSchedule(rigs: 1, connections: 1, connection: 0, start: 0, TimeSpan.FromSeconds(1));
        schedule.CatchUp(3_400);

        Assert.Equal(3, schedule.Skipped);
        Assert.Equal(3_000, schedule.NextDue(3_400));
    }

    [Fact]
    public void Schedule_LateWithinTheInterval_SkipsNothing()
    {
        var schedule = new SampleSchedule(rigs: 1, connections: 1, connection: 0, start: 0, TimeSpan.FromSeconds(1));
        schedule.CatchUp(999);

        Assert.Equal(0, schedule.Skipped);
        Assert.Equal(0, schedule.NextDue(999));
    }

    [Fact]
    public void Schedule_FlatOut_TakesNoDeviceTwiceInAMillisecond()
    {
        var schedule = new SampleSchedule(rigs: 2, connections: 1, connection: 0, start: 0, TimeSpan.Zero);
        Assert.Equal(0, schedule.NextDue(0));
        schedule.Advance(0);
        Assert.Equal(4, schedule.NextDue(4));
        schedule.Advance(4);

        // The second device was sampled at 4, so that a round that began at 4 could come to it at 4 again.
        Assert.Equal(5, schedule.NextDue(4));
        Assert.Equal(6, schedule.NextDue(6));
    }
}
