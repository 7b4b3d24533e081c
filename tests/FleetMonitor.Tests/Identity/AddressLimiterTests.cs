using System.Net;
using FleetMonitor.Service.Identity;
using FleetMonitor.Tests.Mqtt;
using Xunit;

namespace FleetMonitor.Tests.Identity;

public sealed class AddressLimiterTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Address_WithAMinutesWorthTaken_GetsOneMoreEachInterval()
    {
        var limiter = new AddressLimiter(6, _time);

        Assert.Equal(6, Taken(limiter, "10.0.0.1", 20));
        Assert.Equal(TimeSpan.FromSeconds(10), limiter.Wait(IPAddress.Parse("10.0.0.1")));

        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.Zero, limiter.Wait(IPAddress.Parse("10.0.0.1")));
        Assert.Equal(1, Taken(limiter, "10.0.0.1", 20));

        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(6, Taken(limiter, "10.0.0.1", 20));
    }

    [Fact]
    public void Address_LeavesOthersAlone_AndIsTheSameInBothFamilies()
    {
        var limiter = new AddressLimiter(6, _time);
        Taken(limiter, "10.0.0.1", 20);

        Assert.Equal(6, Taken(limiter, "10.0.0.2", 20));
        Assert.Equal(0, Taken(limiter, "::ffff:10.0.0.1", 20));
    }

    [Fact]
    public void Address_OfIPv6_CountsByItsNetwork()
    {
        var limiter = new AddressLimiter(6, _time);
        Taken(limiter, "2001:db8:0:1::1", 20);

        Assert.Equal(0, Taken(limiter, "2001:db8:0:1::2", 20));
        Assert.Equal(6, Taken(limiter, "2001:db8:0:2::1", 20));
    }

    [Fact]
    public void Addresses_BeyondTheBound_ShareOneAllowance_UntilOthersAreFree()
    {
        var limiter = new AddressLimiter(6, _time);
        for (uint i = 0; i < 20_000; i++)
        {
            Assert.True(limiter.TryTake(new IPAddress(i + 1)));
        }

        Assert.Equal(6, Taken(limiter, "203.0.113.1", 4) + Taken(limiter, "203.0.113.2", 4));

        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(4, Taken(limiter, "203.0.113.3", 4));
    }

    [Fact]
    public void Limit_OfZero_IsNone() => Assert.Equal(1_000, Taken(new AddressLimiter(0, _time), "10.0.0.1", 1_000));

    private static int Taken(AddressLimiter limiter, string address, int tries) =>
        Enumerable.Range(0, tries).Count(_ => limiter.TryTake(IPAddress.Parse(address)));
}
