using System.Text;
using FleetMonitor.Fleet.Json;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Identity;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace FleetMonitor.Tests.Identity;

public sealed class AccessFileTests
{
    [Fact]
    public void Sample_IsSound_AndLetsNobodyIn()
    {
        AccessList list = AccessFile.Parse(File.ReadAllBytes(Repository.File("config/access.json")), "access.json").Value!;

        Assert.Empty(list.Users);
        Assert.Empty(list.Keys);
        Assert.Equal(AccessList.DefaultPublish, list.Publish.Single().ToString());
    }

    [Fact]
    public void User_WithoutTopicsOfItsOwn_HasThoseOfTheFile()
    {
        AccessList list = Parse("""{"publish":["tele/%u/SENSOR"],"users":[{"name":"a"},{"name":"b","publish":[]}]}""").Value!;

        Assert.Equal("tele/%u/SENSOR", list.Users["a"].Publish.Single().ToString());
        Assert.Empty(list.Users["b"].Publish);
    }

    [Fact]
    public void Slips_AreNamedAllAtOnce_AndShowNoHash()
    {
        Parsed<AccessList> parsed = Parse(
            """
            {"users":[{"name":"a","password":"hunter2"},{"name":"a"},{"pasword":"x"},{"name":"b","publish":["fleet/#/x"]}],
             "keys":[{"name":"k","role":"boss","sha256":"hunter3"}]}
            """);

        Assert.Equal(
            [
                "access.json: $.users[0].password: not of the form $7$iterations$salt$hash; let 'fleetmonitor hash password' make it",
                "access.json: $.users[1].name: the user a stands here twice; keep one of them",
                "access.json: $.users[2].pasword = \"x\": unknown key; use one of name, password, disabled, publish, subscribe",
                "access.json: $.users[2].name: missing; write the user's name, or the common name of its certificate",
                "access.json: $.users[3].publish[0] = \"fleet/#/x\": not a topic filter; write one such as fleet/+/%u/#; %u is the user's name, %c the client id",
                "access.json: $.keys[0].role = boss: not a known value; use one of viewer, operator, finance",
                $"access.json: $.keys[0].sha256: not a SHA-256 hash; {ApiKeySettings.HashFix}",
            ],
            parsed.Problems.Select(problem => problem.ToString()));
    }

    [Theory]
    [InlineData("+")]
    [InlineData("#")]
    [InlineData("rig-1/x")]
    [InlineData("rig\\u0000")]
    [InlineData("rig\\n1")]
    [InlineData("rig\\u0085")]
    public void UserName_ThatIsNoLevelOfATopic_IsRefusedWhereTopicsAreMadeFromIt(string name)
    {
        string problem = Parse($$"""{"users":[{"name":"rig-1"},{"name":"{{name}}"}]}""").Problems.Single().ToString();

        Assert.StartsWith("access.json: $.users[1].name", problem, StringComparison.Ordinal);
        Assert.EndsWith(
            "stands for %u in fleet/+/%u/#; write a name without / + # and control characters, or give the user publish and subscribe topics without %u",
            problem,
            StringComparison.Ordinal);
        Assert.Empty(Parse($$"""{"users":[{"name":"{{name}}","publish":["fleet/site-1/#"]}]}""").Problems);
    }

    /// <summary>The first as <c>openssl x509 -serial</c> prints it, the second as <c>-fingerprint -sha256</c> does, less the name in front.</summary>
    [Theory]
    [InlineData("0A1B2C", "A1B2C")]
    [InlineData("a1:b2:00:ff:a1:b2:00:ff:a1:b2:00:ff:a1:b2:00:ff:a1:b2:00:ff:a1:b2:00:ff:a1:b2:00:ff:a1:b2:00:ff", "A1B200FFA1B200FFA1B200FFA1B200FFA1B200FFA1B200FFA1B200FFA1B200FF")]
    [InlineData("rig-1", null)]
    [InlineData("", null)]
    [InlineData("A1B200FFA1B200FFA1B200FFA1B200FFA1B200FFA1", null)]
    public void Revoked_IsASerialNumberOrAFingerprint(string text, string? expected)
    {
        Assert.Equal(expected, RevokedCertificates.TryParse(text));
        Assert.Equal(expected is null ? 1 : 0, Parse($$"""{"revoked":["{{text}}"]}""").Problems.Count);
    }

    [Theory]
    [InlineData("fleet/+/%u/#", "rig-1", "c", "fleet/+/rig-1/#")]
    [InlineData("fleet/%u/%c/telemetry", "site-1", "rig-1", "fleet/site-1/rig-1/telemetry")]
    [InlineData("fleet/site-1/#", "a/b", "c", "fleet/site-1/#")]
    [InlineData("x/%u/%c", "%c", "y", "x/%c/y")]
    public void Pattern_FilledIn_IsTheClientsFilter(string pattern, string user, string clientId, string expected) =>
        Assert.Equal(expected, TopicPattern.TryParse(pattern)!.For(user, clientId)!.ToString());

    [Theory]
    [InlineData("fleet/+/%u/#", "+", "c")]
    [InlineData("fleet/+/%u/#", "#", "c")]
    [InlineData("fleet/%u/telemetry", "site-1/rig-2", "c")]
    [InlineData("fleet/%c/#", "rig", "+")]
    [InlineData("fleet/%c/#", "rig", "")]
    [InlineData("fleet/+/%u/#", "rig\n1", "c")]
    public void Pattern_FilledWithANameThatReachesFurther_GivesNothing(string pattern, string user, string clientId) =>
        Assert.Null(TopicPattern.TryParse(pattern)!.For(user, clientId));

    [Theory]
    [InlineData("http://0.0.0.0:8080", "127.0.0.1", "Http:Url")]
    [InlineData("http://10.0.0.1:8080", "127.0.0.1", "Http:Url")]
    [InlineData("http://fleet.example:8080", "127.0.0.1", "Http:Url")]
    [InlineData("http://127.0.0.1:8080", "0.0.0.0", "Mqtt:Listener:Address")]
    [InlineData("http://127.0.0.1:8080", "::", "Mqtt:Listener:Address")]
    public void Doors_OpenToTheNetwork_AreRefused_WithAndWithoutAnAccessFile(string url, string listener, string key)
    {
        (string, string?)[] doors = [("Http:Url", url), ("Mqtt:Listener:Address", listener)];
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "{}");

        SettingProblem problem = Assert.Single(Read(doors).Problems);
        (AccessControl? access, IReadOnlyList<string> problems) = AccessControl.Load(Read([.. doors, ("Access:File", file)]).Settings);

        File.Delete(file);
        Assert.Equal(key, problem.Key);
        Assert.Null(access);
        Assert.Equal(problem.ToString(), Assert.Single(problems));
    }

    [Theory]
    [InlineData("Http:Url", "http://[::1]:8080")]
    [InlineData("Http:Url", "http://localhost:8080")]
    [InlineData("Mqtt:Listener:Address", "::1")]
    [InlineData("Mqtt:Listener:Address", "0.0.0.0", "Mqtt:Listener:AllowAnonymous", "true")]
    [InlineData("Mqtt:Listener:Address", "0.0.0.0", "Mqtt:Listener:Enabled", "false")]
    public void Doors_OnLoopbackOrOpenByIntent_AreNot(string key, string value, string with = "Log:Level", string withValue = "Error") =>
        Assert.Empty(Read((key, value), (with, withValue)).Problems);

    private static Parsed<AccessList> Parse(string json) => AccessFile.Parse(Encoding.UTF8.GetBytes(json), "access.json");

    private static SettingsResult Read(params (string Key, string? Value)[] settings) => SettingsFile.Read(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(pair => new KeyValuePair<string, string?>(pair.Key, pair.Value))).Build());
}
