using FleetMonitor.Service.Configuration;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace FleetMonitor.Tests.Configuration;

public class SettingsFileTests
{
    [Fact]
    public void DocumentedFile_ReadAsIs_GivesTheDefaultsAndNoProblem()
    {
        SettingsResult documented = Read(builder => builder.AddJsonFile(Repository.File("config/fleetmonitor.json")));
        SettingsResult built = Read(_ => { });

        Assert.Empty(documented.Problems);
        foreach ((string key, string fallback) in built.Defaults)
        {
            string? stands = new ConfigurationBuilder().AddJsonFile(Repository.File("config/fleetmonitor.json")).Build()[key];
            if (fallback is not "[]")
            {
                Assert.Equal((key, fallback.ToUpperInvariant()), (key, stands?.ToUpperInvariant()));
            }
        }
    }

    [Fact]
    public void DocumentedFile_NamesEveryOption_AndNoOther()
    {
        IConfiguration file = new ConfigurationBuilder().AddJsonFile(Repository.File("config/fleetmonitor.json")).Build();
        string[] inFile = [.. file.AsEnumerable().Where(pair => pair.Value is not null).Select(pair => pair.Key).Order(StringComparer.Ordinal)];
        string[] inProgram = [.. Read(_ => { }).Defaults.Select(pair => pair.Key).Order(StringComparer.Ordinal)];

        Assert.Equal(inProgram, inFile.Concat(ListsThatAreEmpty(inProgram, inFile)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Settings_WithSeveralSlips_NameAllOfThemAtOnce()
    {
        SettingsResult result = Read(
            ("Metering:MaxGap", "soon"), ("Http:Url", "nowhere"), ("Metering:MaxGapp", "5m"), ("Fleet:DefaultTimeZone", "Mars/Olympus"));

        Assert.Equal(
            [
                "Fleet:DefaultTimeZone = \"Mars/Olympus\": write an IANA time zone such as Asia/Almaty",
                "Http:Url = \"nowhere\": write an address such as http://127.0.0.1:8080",
                "Metering:MaxGap = \"soon\": write a duration from 00:00:01 to 1.00:00:00, such as 30s, 5m, 1h30m or 00:05:00",
                "Metering:MaxGapp = \"5m\": there is no such option; did you mean Metering:MaxGap?",
            ],
            result.Problems.Select(problem => problem.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Http_OpenToTheNetworkWithoutKeys_IsRefused()
    {
        SettingsResult result = Read(("Http:Url", "http://0.0.0.0:8080"));

        SettingProblem problem = Assert.Single(result.Problems);
        Assert.Equal("Http:Url", problem.Key);
        Assert.Contains("no keys are set", problem.Fix, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5MW", 5_000_000_000)]
    [InlineData("3250", 3_250_000)]
    [InlineData("3250 W", 3_250_000)]
    [InlineData("1.5kW", 1_500_000)]
    public void MaxDevicePower_InAnyUnit_IsMilliwatts(string text, long milliwatts)
    {
        SettingsResult result = Read(("Metering:MaxDevicePower", text));

        Assert.Empty(result.Problems);
        Assert.Equal(milliwatts, result.Settings.Metering.MaxDevicePower.Milliwatts);
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData("mqtt://broker:1883", null, false)]
    [InlineData("mqtt://broker:1883", "true", true)]
    [InlineData(null, "false", false)]
    public void Listener_IsOnWithoutABroker_UnlessSaidOtherwise(string? broker, string? enabled, bool expected)
    {
        SettingsResult result = Read(("Mqtt:Subscriber:Brokers:0", broker), ("Mqtt:Listener:Enabled", enabled));

        Assert.Empty(result.Problems);
        Assert.Equal(expected, result.Settings.Listener.Enabled);
    }

    private static IEnumerable<string> ListsThatAreEmpty(string[] inProgram, string[] inFile) =>
        inProgram.Where(key => key is "Http:Keys" or "Http:Proxies" or "Levy:Accounts:Charges" or "Mqtt:Subscriber:Brokers" or "Mqtt:Subscriber:Topics").Except(inFile);

    private static SettingsResult Read(params (string Key, string? Value)[] settings) =>
        Read(builder => builder.AddInMemoryCollection(settings.Select(pair => new KeyValuePair<string, string?>(pair.Key, pair.Value))));

    private static SettingsResult Read(Action<IConfigurationBuilder> build)
    {
        var builder = new ConfigurationBuilder();
        build(builder);
        return SettingsFile.Read(builder.Build());
    }
}
