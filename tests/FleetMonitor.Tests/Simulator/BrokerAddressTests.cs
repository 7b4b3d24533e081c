using FleetMonitor.Service.Mqtt;
using Xunit;

namespace FleetMonitor.Tests.Simulator;

public class BrokerAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:1884", "mqtt://127.0.0.1:1884")]
    [InlineData("broker.example", "mqtt://broker.example:1883")]
    [InlineData("mqtt://broker:1883", "mqtt://broker:1883")]
    [InlineData("mqtts://broker", "mqtts://broker:8883")]
    [InlineData("[::1]:1883", "mqtt://[::1]:1883")]
    public void TryParse_OfAnAddress_GivesHostPortAndWhetherTls(string text, string expected)
    {
        Assert.True(BrokerAddress.TryParse(text, out BrokerAddress? address));
        Assert.Equal(expected, address!.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("host:port")]
    [InlineData("host:0")]
    [InlineData("host:70000")]
    [InlineData("http://host:1883")]
    [InlineData("mqtt://user:secret@host")]
    [InlineData("mqtt://host/path")]
    public void TryParse_OfAnythingElse_Refuses(string? text) => Assert.False(BrokerAddress.TryParse(text, out _));
}
