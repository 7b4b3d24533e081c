using FleetMonitor.Service.Configuration;
using FleetMonitor.Tests.Clients;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace FleetMonitor.Tests.Ecosystem;

public sealed class InfluxDbClientPointSinkTests() : PointSinkSuite("influxdb-client")
{
    [Fact]
    public void WriteAddressOf1x_IsAConfigurationError()
    {
        SettingsResult read = SettingsFile.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Influx:Client"] = "influxdb-client", ["Influx:Api"] = "v1" })
            .Build());

        SettingProblem problem = Assert.Single(read.Problems);
        Assert.Equal(("Influx:Client", "influxdb-client"), (problem.Key, problem.Value));
        Assert.Contains("Influx:Api to v2", problem.Fix, StringComparison.Ordinal);
    }
}
