using FleetMonitor.Service.Sources;
using Xunit;

namespace FleetMonitor.Tests.Sources;

public sealed class ClientIdsTests
{
    [Theory]
    [InlineData("", "us")]
    [InlineData(",", "us,us-2")]
    [InlineData("us-2,us", "us-2,us")]
    [InlineData("us-2", "us-2")]
    [InlineData("us-2,", "us-2,us")]
    [InlineData("them,us", "us-2,us")]
    [InlineData("usher-2,us-x", "us,us-2")]
    public void Brokers_KeepTheIdTheyAreKnownUnder_AndNewOnesGetAFreeOne(string known, string expected) => Assert.Equal(
        expected.Split(','), ClientIds.Assign("us", [.. known.Split(',').Select(name => name.Length == 0 ? null : name)]));
}
