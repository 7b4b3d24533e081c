using System.Text.Json;
using System.Text.RegularExpressions;
using FleetMonitor.Service.Commands;
using FleetMonitor.Service.Configuration;
using Microsoft.Extensions.Configuration;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace FleetMonitor.Tests.Deployment;

/// <summary>No engine runs where these tests run: the files are read, and held against each other and against the program.</summary>
public partial class ContainerFilesTests
{
    private static readonly string Docker = Repository.File("docker");

    public static TheoryData<string> YamlFiles => [.. Directory.EnumerateFiles(Docker, "*.yaml", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Docker, file))];

    [Theory]
    [MemberData(nameof(YamlFiles))]
    public void Yaml_IsWellFormed(string file) => Assert.IsType<YamlMappingNode>(Yaml(file));

    [Fact]
    public void Compose_MountsOnlyFilesThatAreThere()
    {
        string[] mounted = [.. Services().SelectMany(service => Scalars(service.Value, "volumes")).Select(volume => volume.Split(':')[0]).Where(source => source.StartsWith('.'))];

        Assert.NotEmpty(mounted);
        Assert.All(mounted, source => Assert.True(Path.Exists(Path.Combine(Docker, source)), source));
    }

    [Fact]
    public void Compose_NamesVolumesAndServicesThatItDefines()
    {
        YamlMappingNode compose = Yaml("compose.yaml");
        string[] volumes = [.. ((YamlMappingNode)compose["volumes"]).Children.Keys.Select(key => key.ToString())];
        string[] services = [.. Services().Keys];
        string[] named = [.. Services().SelectMany(service => Scalars(service.Value, "volumes")).Select(volume => volume.Split(':')[0]).Where(source => !source.StartsWith('.'))];
        string[] needed =
        [
            .. Services().Values.Where(service => service.Children.ContainsKey("depends_on"))
                .SelectMany(service => ((YamlMappingNode)service["depends_on"]).Children.Keys.Select(key => key.ToString())),
        ];

        Assert.Equal(volumes.Order(), named.Distinct().Order());
        Assert.Subset(services.ToHashSet(), needed.ToHashSet());
    }

    [Fact]
    public void Compose_AsksOnlyForSecretsThatTheExampleHas()
    {
        string[] example = [.. File.ReadLines(Path.Combine(Docker, ".env.example")).Where(line => line.Contains('=') && !line.StartsWith('#')).Select(line => line.Split('=')[0])];
        string[] asked = [.. Variable().Matches(File.ReadAllText(Path.Combine(Docker, "compose.yaml"))).Select(match => match.Groups["name"].Value).Distinct()];

        Assert.Equal(example.Order(), asked.Order());
    }

    [Theory]
    [InlineData("fleetmonitor")]
    [InlineData("influx-setup")]
    [InlineData("simulator")]
    public void Compose_RunsUsWithoutRootOrCapabilities_OnAReadOnlyRoot(string service)
    {
        var merged = (YamlMappingNode)Services()[service]["<<"];
        string user = File.ReadLines(Path.Combine(Docker, "Dockerfile")).Last(line => line.StartsWith("USER ", StringComparison.Ordinal));

        Assert.Equal(("true", "ALL", "no-new-privileges:true"), (merged["read_only"].ToString(), merged["cap_drop"][0].ToString(), merged["security_opt"][0].ToString()));
        Assert.Equal("USER app", user);
        Assert.DoesNotContain(Services()[service].Children.Keys, key => key.ToString() is "user" or "privileged" or "cap_add" or "read_only");
    }

    [Theory]
    [InlineData("fleetmonitor")]
    [InlineData("influx-setup")]
    public void Compose_SetsOptionsThatTheProgramTakes(string service)
    {
        Dictionary<string, string?> settings = Environment(service)
            .Where(variable => variable.Key.StartsWith(CommonOptions.EnvironmentPrefix, StringComparison.Ordinal))
            .ToDictionary(
                variable => variable.Key[CommonOptions.EnvironmentPrefix.Length..].Replace("__", ":", StringComparison.Ordinal),
                variable => (string?)(variable.Key.EndsWith("Sha256", StringComparison.Ordinal) ? new string('a', 64) : variable.Value));
        SettingsResult result = SettingsFile.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());

        Assert.Empty(result.Problems);
        Assert.Equal(new Uri("http://influxdb:8086"), result.Settings.Influx.Url);
    }

    [Theory]
    [InlineData("fleetmonitor")]
    [InlineData("influx-setup")]
    [InlineData("simulator")]
    public void Compose_RunsCommandsThatTheProgramHas(string service)
    {
        string[] command = [.. Scalars(Services()[service], "command").Select(word => Variable().Replace(word, "secret"))];

        Assert.Empty(RootCommandFactory.Create(TimeProvider.System).Parse(command).Errors);
    }

    [Fact]
    public void Dockerfile_CopiesOnlyWhatIsThere_AndEveryProjectThatTheServiceNeeds()
    {
        string root = Repository.File("");
        string[] sources =
        [
            .. File.ReadLines(Path.Combine(Docker, "Dockerfile")).Where(line => line.StartsWith("COPY ", StringComparison.Ordinal) && !line.Contains("--from", StringComparison.Ordinal))
                .SelectMany(line => line.Split(' ')[1..^1]),
        ];

        Assert.All(sources, source => Assert.True(
            source.Contains('*') ? Directory.EnumerateFiles(Path.Combine(root, Path.GetDirectoryName(source)!), Path.GetFileName(source)).Any() : Path.Exists(Path.Combine(root, source)),
            source));
        Assert.All(
            Directory.EnumerateDirectories(Path.Combine(root, "src"), "FleetMonitor.*"),
            project => Assert.Contains($"src/{Path.GetFileName(project)}/*.csproj", sources));
    }

    [Fact]
    public void Dashboard_UsesTheDataSourceThatIsProvisioned_AndEveryPanelHasAUnitAndAQuery()
    {
        var source = (YamlMappingNode)((YamlSequenceNode)Yaml("grafana/provisioning/datasources/fleetmonitor.yaml")["datasources"])[0];
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Docker, "grafana/dashboards"), "*.json"))
        {
            using JsonDocument dashboard = JsonDocument.Parse(File.ReadAllText(file));
            JsonElement[] panels = [.. dashboard.RootElement.GetProperty("panels").EnumerateArray().Where(panel => panel.GetProperty("type").GetString() != "row")];

            Assert.Equal(panels.Length, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
            Assert.All(panels, panel =>
            {
                string title = panel.GetProperty("title").GetString()!;
                Assert.Equal(source["uid"].ToString(), panel.GetProperty("datasource").GetProperty("uid").GetString());
                Assert.All(panel.GetProperty("targets").EnumerateArray(), target => Assert.Contains("$timeFilter", target.GetProperty("query").GetString()!, StringComparison.Ordinal));
                bool isTable = panel.GetProperty("type").GetString() == "table";
                Assert.True(isTable || panel.GetProperty("fieldConfig").GetProperty("defaults").TryGetProperty("unit", out _), title);
            });
        }
    }

    [Fact]
    public void Dashboards_LinkToOneAnother_ByNamesThatExist()
    {
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(Docker, "grafana/dashboards"), "*.json").Order(StringComparer.Ordinal)];

        Assert.Equal(["anomalies", "device", "fleet", "levy", "service", "site"], files.Select(Path.GetFileNameWithoutExtension));
        foreach (string file in files)
        {
            string text = File.ReadAllText(file);
            using JsonDocument dashboard = JsonDocument.Parse(text);
            Assert.Equal($"fleetmonitor-{Path.GetFileNameWithoutExtension(file)}", dashboard.RootElement.GetProperty("uid").GetString());
            Assert.All(DashboardLink().Matches(text), link => Assert.Contains(files, other => Path.GetFileNameWithoutExtension(other) == link.Groups["name"].Value));
        }
    }

    private static YamlMappingNode Yaml(string file)
    {
        var yaml = new YamlStream();
        using StreamReader reader = File.OpenText(Path.Combine(Docker, file));
        yaml.Load(reader);
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    private static Dictionary<string, YamlMappingNode> Services() => ((YamlMappingNode)Yaml("compose.yaml")["services"]).Children
        .ToDictionary(service => service.Key.ToString(), service => (YamlMappingNode)service.Value);

    private static IEnumerable<string> Scalars(YamlMappingNode service, string key) =>
        service.Children.TryGetValue(key, out YamlNode? list) ? ((YamlSequenceNode)list).Select(item => item.ToString()) : [];

    /// <summary>With what it merges in.</summary>
    private static Dictionary<string, string> Environment(string service)
    {
        var environment = new Dictionary<string, string>();
        foreach ((YamlNode name, YamlNode value) in ((YamlMappingNode)Services()[service]["environment"]).Children)
        {
            if (name.ToString() != "<<")
            {
                environment[name.ToString()] = value.ToString();
                continue;
            }

            foreach ((YamlNode merged, YamlNode text) in ((YamlMappingNode)value).Children)
            {
                environment[merged.ToString()] = text.ToString();
            }
        }

        return environment;
    }

    [GeneratedRegex("/d/fleetmonitor-(?<name>[a-z]+)")]
    private static partial Regex DashboardLink();

    [GeneratedRegex(@"(?<!\$)\$\{(?<name>[A-Z0-9_]+)[^}]*\}")]
    private static partial Regex Variable();
}
