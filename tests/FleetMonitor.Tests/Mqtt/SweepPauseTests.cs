using FleetMonitor.Service.Mqtt.Epoll;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

public sealed class SweepPauseTests
{
    [Theory]
    [InlineData(0, 5)]
    [InlineData(400, 5)]
    [InlineData(1_000, 10)]
    [InlineData(5_000, 50)]
    [InlineData(10_000, 100)]
    [InlineData(3_600_000, 100)]
    public void Pause_WhileMessagesKeepComing_IsAHundredthOfTheHastiest_WithinItsBounds(int hastiest, int pause)
    {
        var sweeps = new SweepPause(Milliseconds(5));
        sweeps.After(Milliseconds(1_000), TimeSpan.Zero);

        Assert.Equal(Milliseconds(pause), sweeps.After(Milliseconds(1_100), Milliseconds(hastiest)));
    }

    [Theory]
    [InlineData("of slow clients", "0 5 15 35 75 155 255 355", "5 10 20 40 80 100 100 100")]
    [InlineData("a few a second, with nothing between", "0 333 667", "5 5 5")]
    [InlineData("one each tenth of a second", "0 100 200", "5 100 100")]
    [InlineData("after a silence", "0 100 200 5000 5005", "5 100 100 5 10")]
    public void Pause_AfterASilence_GrowsTwofoldAtMost(string what, string began, string pauses)
    {
        var sweeps = new SweepPause(Milliseconds(5));

        string said = string.Join(' ', began.Split(' ').Select(at => sweeps.After(Milliseconds(10_000 + int.Parse(at)), TimeSpan.MaxValue).TotalMilliseconds));

        Assert.True(pauses == said, $"{what}: {said}");
    }

    [Fact]
    public void Pause_ThatIsSwitchedOff_StaysOff()
    {
        var sweeps = new SweepPause(TimeSpan.Zero);
        sweeps.After(Milliseconds(1_000), TimeSpan.MaxValue);

        Assert.Equal(TimeSpan.Zero, sweeps.After(Milliseconds(1_001), TimeSpan.MaxValue));
    }

    [Theory]
    [InlineData("at its interval", "10000 20000 30000", 10_000)]
    [InlineData("connected a moment ago", "10", 10)]
    [InlineData("two messages in one breath", "10000 20000 20005", 10_000)]
    [InlineData("and the next breath", "10000 10005 20000", 9_995)]
    [InlineData("sends on as soon as it is answered", "10000 10005 10010", 5)]
    [InlineData("and falls silent again", "10000 10005 10010 20000", 9_990)]
    public void Pace_IsTheLongerOfTheLastTwo(string what, string sent, int pace)
    {
        var client = new ClientPace(TimeSpan.Zero);
        TimeSpan said = TimeSpan.MinValue;
        foreach (string at in sent.Split(' '))
        {
            said = client.Sent(Milliseconds(int.Parse(at)));
        }

        Assert.True(said == Milliseconds(pace), $"{what}: {said}");
    }

    private static TimeSpan Milliseconds(int value) => TimeSpan.FromMilliseconds(value);
}
