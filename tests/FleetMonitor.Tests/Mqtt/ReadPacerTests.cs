using FleetMonitor.Mqtt.Client;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

public class ReadPacerTests
{
    private const long Few = 1_000;

    [Fact]
    public void Read_ThatBroughtMessages_IsFollowedByAPause() => Assert.True(new ReadPacer().ShouldPause(3, Few));

    [Fact]
    public void Read_ThatBroughtNothing_IsNot() => Assert.False(new ReadPacer().ShouldPause(0, Few));

    [Fact]
    public void Read_ThatFilledItsBuffer_IsNot_BecauseMoreIsThere() => Assert.False(new ReadPacer().ShouldPause(300, 64 * 1024));

    [Fact]
    public void Server_ThatWaitsForAnswers_IsNotKeptWaiting()
    {
        var pacer = default(ReadPacer);

        bool[] paused = [.. Enumerable.Range(0, 8).Select(_ => pacer.ShouldPause(20, Few))];

        // The first tells nothing, four repeats tell.
        Assert.Equal([true, true, true, true, false, false, false, false], paused);
    }

    [Fact]
    public void Server_ThatWaitedForAnswers_IsTriedAgainAfterAWhile()
    {
        var pacer = default(ReadPacer);

        int first = Enumerable.Range(0, 2_000).Select(i => (i, pacer.ShouldPause(20, Few))).First(read => read.i > 4 && read.Item2).i;

        Assert.Equal(1_005, first);
    }

    [Fact]
    public void Server_ThatBringsNowMoreNowLess_IsAlwaysPaced()
    {
        var pacer = default(ReadPacer);

        Assert.All(Enumerable.Range(0, 5_000), i => Assert.True(pacer.ShouldPause(20 + (i % 3), Few)));
    }
}
