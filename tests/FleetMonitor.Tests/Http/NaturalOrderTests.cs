using FleetMonitor.Service.Http;
using Xunit;

namespace FleetMonitor.Tests.Http;

public sealed class NaturalOrderTests
{
    [Theory]
    [InlineData("rig-2", "rig-10")]
    [InlineData("rig-9", "rig-010")]
    [InlineData("a-1-2", "a-1-10")]
    [InlineData("rig", "rig-1")]
    [InlineData("", "a")]
    [InlineData("9", "a")]
    [InlineData("rig-01", "rig-001x")]
    [InlineData("rig-99999999999999999999", "rig-100000000000000000000")]
    public void Names_WithNumbers_StandInTheOrderOfTheNumbers(string first, string second)
    {
        Assert.True(NaturalOrder.Instance.Compare(first, second) < 0);
        Assert.True(NaturalOrder.Instance.Compare(second, first) > 0);
    }

    [Fact]
    public void Names_ThatDifferOnlyInZeros_AreStillTold()
    {
        Assert.NotEqual(0, NaturalOrder.Instance.Compare("rig-1", "rig-01"));
        Assert.Equal(0, NaturalOrder.Instance.Compare("rig-01", "rig-01"));
    }
}
