using FleetMonitor.Service.Configuration;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace FleetMonitor.Tests.Clients;

public sealed class ClientNotBuiltInTests
{
    [Theory]
    [InlineData("Mqtt:Client", "mqttnet")]
    [InlineData("Influx:Client", "influxdb-client")]
    public void Client_ThatWasNotBuiltIn_IsAConfigurationError_ThatSaysHowToBuildItIn(string key, string client)
    {
        SettingsResult read = SettingsFile.Read(new ConfigurationBuilder()
            .AddInMemoryCollection([new KeyValuePair<string, string?>(key, client)])
            .Build());

        SettingProblem problem = Assert.Single(read.Problems);
        Assert.Equal((key, client), (problem.Key, problem.Value));
        Assert.Contains("-p:EcosystemClients=true", problem.Fix, StringComparison.Ordinal);
    }
}
