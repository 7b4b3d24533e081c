using FleetMonitor.Mqtt.Client;
using Xunit;

namespace FleetMonitor.Tests.Mqtt;

public class ReadPacerTests
{
    [Fact]
    public void Read_ThatBroughtMessages_IsFollowedByAPause() => Assert.Equal(ReadPacer.Whole, new ReadPacer().PauseAfter(3, leftMore: false));

    [Fact]
    public void Read_ThatBroughtNothing_IsNot() => Assert.Equal(ReadPacer.None, new ReadPacer().PauseAfter(0, leftMore: false));

    [Fact]
    public void Read_ThatLeftMoreBehind_IsNot() => Assert.Equal(ReadPacer.None, new ReadPacer().PauseAfter(300, leftMore: true));

    [Fact]
    public void Server_ThatWaitsForAnswers_IsNotKeptWaiting()
    {
        var pacer = default(ReadPacer);

        double[] pauses = [.. Enumerable.Range(0, 8).Select(_ => pacer.PauseAfter(20, leftMore: false))];

        // The first tells nothing, four repeats raise the question, half a pause that brings the same answers it.
        Assert.Equal([1, 1, 1, 1, 0.5, 0, 0, 0], pauses);
    }

    [Fact]
    public void Rigs_ThatReportEvenly_AreNotTakenForAServerThatWaits()
    {
        var pacer = default(ReadPacer);
        double pause = ReadPacer.Whole;
        var pauses = new List<double>();
        for (int read = 0; read < 5_000; read++)
        {
            // 44 messages to a whole pause, as 5,500 a second bring in 8 ms.
            pauses.Add(pause = pacer.PauseAfter((int)(44 * pause), leftMore: false));
        }

        Assert.DoesNotContain(ReadPacer.None, pauses);
        Assert.InRange(pauses.Average(), 0.85, 1);
    }

    [Fact]
    public void Server_ThatWaitedForAnswers_IsTriedAgainAfterAWhile()
    {
        var pacer = default(ReadPacer);

        int first = Enumerable.Range(0, 2_000).Select(i => (i, pacer.PauseAfter(20, leftMore: false))).First(read => read.i > 5 && read.Item2 > 0).i;

        Assert.Equal(1_006, first);
    }

    [Fact]
    public void Server_ThatBringsNowMoreNowLess_IsAlwaysPaced()
    {
        var pacer = default(ReadPacer);

        Assert.All(Enumerable.Range(0, 5_000), i => Assert.Equal(ReadPacer.Whole, pacer.PauseAfter(20 + (i % 3), leftMore: false)));
    }
}
