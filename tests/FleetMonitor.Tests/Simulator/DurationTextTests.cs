using FleetMonitor.Service.Commands;
using Xunit;

namespace FleetMonitor.Tests.Simulator;

public class DurationTextTests
{
    [Theory]
    [InlineData("30s", 30)]
    [InlineData("5m", 300)]
    [InlineData("1h30m", 5400)]
    [InlineData("2d", 172800)]
    [InlineData("250ms", 0.25)]
    [InlineData("1.5s", 1.5)]
    [InlineData("00:05:00", 300)]
    [InlineData("1.00:00:00", 86400)]
    [InlineData("10", 10)]
    [InlineData("0", 0)]
    public void TryParse_OfADuration_GivesIt(string text, double seconds)
    {
        Assert.True(DurationText.TryParse(text, out TimeSpan duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("soon")]
    [InlineData("-5s")]
    [InlineData("-00:05:00")]
    [InlineData("5m5m")]
    [InlineData("30m1h")]
    [InlineData("1h30")]
    [InlineData("5 m")]
    [InlineData("m")]
    [InlineData("99999d")]
    [InlineData("00:61:00")]
    [InlineData("9999999999999999999999s")]
    public void TryParse_OfAnythingElse_Refuses(string? text) => Assert.False(DurationText.TryParse(text, out _));
}
