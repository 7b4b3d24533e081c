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
    public void Pause_IsAHundredthOfTheHastiest_WithinItsBounds(int hastiest, int pause)
    {
        Assert.Equal(Milliseconds(pause), new SweepPause(Milliseconds(5)).After(Milliseconds(hastiest)));
    }

    [Fact]
    public void Pause_ThatIsSwitchedOff_StaysOff()
    {
        Assert.Equal(TimeSpan.Zero, new SweepPause(TimeSpan.Zero).After(TimeSpan.MaxValue));
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
