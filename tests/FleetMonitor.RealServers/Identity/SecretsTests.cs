using System.Security.Cryptography;
using System.Text;
using FleetMonitor.RealServers.Ingest;
using FleetMonitor.RealServers.Servers;
using FleetMonitor.Service.Identity;
using Xunit;

namespace FleetMonitor.RealServers.Identity;

/// <summary>Runs with a secret in every place that takes one, right and wrong, at the most talkative level; then looks for them in all that was said and kept.</summary>
[Collection(BusyCollection.Name)]
public sealed class SecretsTests
{
    private const string BrokerPassword = "S3cret-of-the-broker";
    private const string InfluxToken = "S3cret-token-of-influx";
    private const string InfluxPassword = "S3cret-password-of-influx";
    private const string ApiKey = "S3cret-key-of-finance-0123456789";
    private const string WrongKey = "S3cret-key-that-is-wrong";
    private const string RigPassword = "S3cret-of-a-rig";
    private const string WrongPassword = "S3cret-guess-at-a-rig";

    [RealServerFact(MosquittoServer.Program, TestSite.Publisher)]
    public async Task Secrets_OfEveryKind_StandInNothingThatIsSaidOrKept()
    {
        await using TestSite site = await TestSite.StartAsync(environment: new Dictionary<string, string>
        {
            ["FLEETMONITOR__Mqtt__Subscriber__UserName"] = "fleetmonitor",
            ["FLEETMONITOR__Mqtt__Subscriber__Password"] = BrokerPassword,
            ["FLEETMONITOR__Influx__Token"] = InfluxToken,
            ["FLEETMONITOR__Influx__Password"] = InfluxPassword,
        });
        int listener = LoopbackPort.Free();
        await File.WriteAllTextAsync(
            site.File("access.json"),
            $$"""
            {"users":[{"name":"rig-1","password":"{{PasswordHash.Of(Encoding.UTF8.GetBytes(RigPassword), 1_000).Text}}"}],
             "keys":[{"name":"finance","role":"finance","sha256":"{{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ApiKey)))}}"}]}
            """);
        site.Set("Access:File", site.File("access.json"));
        site.Set("Mqtt:Listener:Enabled", "true");
        site.Set("Mqtt:Listener:Port", $"{listener}");
        site.Set("Mqtt:Subscriber:Brokers:1", $"mqtt://127.0.0.1:{LoopbackPort.Free()}");
        site.Set("Influx:Url", $"http://127.0.0.1:{LoopbackPort.Free()}");
        site.Set("Log:Level", "Verbose");
        await site.StartServiceAsync();
        var said = new StringBuilder();

        // The right and the wrong ones, at each door.
        string[] toListener = ["-p", $"{listener}", "-u", "rig-1", "-P"];
        await site.PublishAsync(Samples.Topic("rig-1"), [Samples.Register(DateTimeOffset.UtcNow, 1_000m)], options: [.. toListener, RigPassword]);
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => site.PublishAsync(Samples.Topic("rig-1"), ["x"], options: [.. toListener, WrongPassword]));
        foreach (string path in (string[])["/api/v1/service", "/api/v1/quarantine", "/metrics", "/openapi/v1.json"])
        {
            said.AppendLine(await site.AnswerAsync(path, ApiKey)).AppendLine(await site.AnswerAsync(path, WrongKey));
        }

        await File.WriteAllTextAsync(site.File("access.json"), $$"""{"users":[{"name":"rig-1","password":"{{WrongPassword}}"}]}""");
        await site.Service!.WaitForAsync("is bad and was not taken", Tool.Patience);

        // Slips of the pen, and what commands say.
        string[][] slips =
        [
            ["check", "--set", $"Influx:Tokn={InfluxToken}"], ["check", "--set", $"Mqtt:Subscriber:Pasword={BrokerPassword}"],
            ["check", "--set", $"Influx:Url=http://user:{InfluxPassword}@127.0.0.1:8086"],
            ["check", "--set", $"Mqtt:Subscriber:Brokers:0=mqtt://user:{BrokerPassword}@127.0.0.1"],
            ["check", "--set", $"Http:Url=http://user:{ApiKey}@127.0.0.1:8080"],
            ["check", "--set", $"Http:Keys:0:Sha256={ApiKey}"], ["check", "--set", $"Http:Keys:0:Key={ApiKey}"],
            ["levy", "totals"], ["levy", "close", "2026-Q1", "--site", "nowhere", "--by", "A. B.", "--set", $"Http:Url={site.Url}"],
        ];
        foreach (string[] slip in slips)
        {
            ChildResult result = await Tool.RunAsync(
                [.. slip, "--set", $"Ledger:Directory={site.Ledger}"], new Dictionary<string, string> { ["FLEETMONITOR_API_KEY"] = ApiKey });
            said.AppendLine(result.Output).AppendLine(result.Errors);
        }

        string service = site.Service!.Output + site.Service.Errors;
        said.AppendLine(service);
        await site.StopServiceAsync();
        foreach (string file in Directory.EnumerateFiles(site.Ledger, "*", SearchOption.AllDirectories))
        {
            said.AppendLine(Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file)));
        }

        string[] proofs = ["did not let in rig-1", "Influx:Tokn: there is no such option", "Influx:Url: addresses are logged", "answered 404"];
        Assert.All(proofs, proof => Assert.Contains(proof, said.ToString(), StringComparison.Ordinal));
        string[] secrets = [BrokerPassword, InfluxToken, InfluxPassword, ApiKey, WrongKey, RigPassword, WrongPassword];
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, said.ToString(), StringComparison.OrdinalIgnoreCase));
    }
}
