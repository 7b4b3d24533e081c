using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using FleetMonitor.RealServers.Ingest;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Identity;

/// <summary>TLS at all three doors, with certificates of an authority that the test makes.</summary>
[Collection(BusyCollection.Name)]
public sealed class TlsTests
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UtcNow.AddMinutes(-10);
    private static readonly string[] Two = [Samples.Register(Start, 1_000m), Samples.Register(Start.AddSeconds(60), 1_050m)];

    [RealServerFact(MosquittoServer.Program, TestSite.Publisher)]
    public async Task Broker_ThatRequiresACertificate_IsSubscribedToWithOurs()
    {
        await using TestSite site = await TestSite.StartAsync(folder =>
        {
            using var authority = new TestAuthority(folder);
            authority.Sign("broker", "broker");
            authority.Sign("fleetmonitor", "service");
            authority.Sign("rig-1", "rig-1");
            string acl = Path.Combine(folder, "acl");
            File.WriteAllText(acl, "user fleetmonitor\ntopic read #\npattern write fleet/+/%u/#\n");
            return
            [
                $"cafile {authority.File}", $"certfile {folder}/broker.pem", $"keyfile {folder}/broker.key",
                "require_certificate true", "use_identity_as_username true", $"acl_file {acl}",
            ];
        });
        site.Set("Mqtt:Subscriber:Brokers:0", $"mqtts://127.0.0.1:{site.MqttPort}");
        site.Set("Mqtt:Subscriber:CaFile", site.File("ca.pem"));
        site.Set("Mqtt:Subscriber:CertificateFile", site.File("service.pem"));
        site.Set("Mqtt:Subscriber:KeyFile", site.File("service.key"));

        await site.StartServiceAsync();
        await site.PublishAsync(Samples.Topic("rig-1"), Two, options: Certificate(site, "rig-1"));

        await site.WaitForMetricAsync("fleetmonitor_acknowledged_total", 2);
        Assert.Equal(0.05m, (await site.BooksAsync()).Of("site-1/rig-1").Register);
    }

    /// <summary>The authority itself is replaced: only who has read all files again can connect to the broker that was restarted.</summary>
    [RealServerFact(MosquittoServer.Program, TestSite.Publisher)]
    public async Task Subscriber_WhoseCertificateAndAuthorityWereRenewedWhileConnected_ReconnectsWithTheNewOnes()
    {
        await using TestSite site = await TestSite.StartAsync(folder =>
        {
            SignAll(folder);
            return [$"cafile {folder}/ca.pem", $"certfile {folder}/broker.pem", $"keyfile {folder}/broker.key", "require_certificate true"];
        });
        site.Set("Mqtt:Subscriber:Brokers:0", $"mqtts://127.0.0.1:{site.MqttPort}");
        site.Set("Mqtt:Subscriber:CaFile", site.File("ca.pem"));
        site.Set("Mqtt:Subscriber:CertificateFile", site.File("service.pem"));
        site.Set("Mqtt:Subscriber:KeyFile", site.File("service.key"));
        await site.StartServiceAsync();
        await site.PublishAsync(Samples.Topic("rig-1"), [Two[0]], options: Certificate(site, "rig-1"));
        await site.WaitForMetricAsync("fleetmonitor_acknowledged_total", 1);

        SignAll(site.Folder);
        await site.Broker.StopAsync();
        await site.Broker.StartAsync();

        await site.Service!.WaitForAsync("Connected to", Tool.Patience, times: 2);
        await site.PublishAsync(Samples.Topic("rig-1"), [Two[1]], options: Certificate(site, "rig-1"));
        await site.WaitForMetricAsync("fleetmonitor_acknowledged_total", 2);
        Assert.Equal(0.05m, (await site.BooksAsync()).Of("site-1/rig-1").Register);

        static void SignAll(string folder)
        {
            using var authority = new TestAuthority(folder);
            authority.Sign("broker", "broker");
            authority.Sign("fleetmonitor", "service");
            authority.Sign("rig-1", "rig-1");
        }
    }

    [RealServerFact(MosquittoServer.Program)]
    public async Task Broker_ThatOurAuthorityDidNotSign_IsRefusedAndSaid()
    {
        await using TestSite site = await TestSite.StartAsync(folder =>
        {
            using var authority = new TestAuthority(folder);
            using var other = new TestAuthority(folder, "other");
            other.Sign("broker", "broker");
            return [$"certfile {folder}/broker.pem", $"keyfile {folder}/broker.key"];
        });
        site.Set("Mqtt:Subscriber:Brokers:0", $"mqtts://127.0.0.1:{site.MqttPort}");
        site.Set("Mqtt:Subscriber:CaFile", site.File("ca.pem"));

        site.LaunchService();

        await site.Service!.WaitForAsync("The remote certificate is invalid", Tool.Patience);
    }

    [RealServerFact(TestSite.Publisher)]
    public async Task Listener_KnowsARigByItsCertificate_AndHoldsItToItsTopics()
    {
        await using TestSite site = TestSite.WithoutBroker();
        using var authority = new TestAuthority(site.Folder);
        using var other = new TestAuthority(site.Folder, "other");
        authority.Sign("listener", "listener");
        authority.Sign("rig-1", "rig-1");
        authority.Sign("rig-2", "rig-2");
        other.Sign("rig-1", "impostor");
        Secure(site);
        site.Set("Mqtt:Listener:ClientCaFile", authority.File);
        site.Set("Access:File", site.File("access.json"));
        await File.WriteAllTextAsync(site.File("access.json"), """{"users":[{"name":"rig-2","disabled":true}]}""");
        await site.StartServiceAsync();

        await site.PublishAsync(Samples.Topic("rig-1"), Two, options: Certificate(site, "rig-1"));
        await site.PublishAsync(Samples.Topic("rig-1"), [Samples.Register(Start.AddSeconds(120), 1_100m)], 2, "311", Certificate(site, "rig-1"));
        string[][] refused =
        [
            Certificate(site, "rig-2"), Certificate(site, "impostor"), ["--cafile", authority.File], ["-u", "rig-1", "-P", "guess", "--cafile", authority.File],
        ];
        foreach (string[] way in refused)
        {
            Assert.NotEqual(0, await TryPublishAsync(site, way));
        }

        // What another rig's topic gets is refused, and mosquitto_pub goes on all the same.
        await site.PublishAsync(Samples.Topic("rig-9"), Two, options: Certificate(site, "rig-1"));

        await site.WaitForMetricAsync("fleetmonitor_readings_total", 3);
        Assert.Equal(["site-1/rig-1"], (await site.BooksAsync()).Rows.Keys.Select(row => row.Device).Distinct());
        Assert.Equal(0.1m, (await site.BooksAsync()).Of("site-1/rig-1").Register);
        string metrics = await site.GetAsync("/metrics");
        Assert.Contains("fleetmonitor_listener_refused_total{what=\"Publish\",reason=\"NotAuthorized\"} 2", metrics, StringComparison.Ordinal);
        Assert.Contains("fleetmonitor_listener_refused_total{what=\"Connect\",reason=\"Banned\"} 1", metrics, StringComparison.Ordinal);

        ChildResult simulated = await Tool.RunAsync(
            [
                "simulate", "--broker", $"mqtts://127.0.0.1:{site.MqttPort}", "--rigs", "1", "--site", "site-1", "--interval", "0.1", "--duration", "1s",
                "--ca-file", authority.File, "--certificate-file", site.File("rig-1.pem"), "--key-file", site.File("rig-1.key"),
            ]);
        Assert.Contains("0 sent again", simulated.Errors, StringComparison.Ordinal);
    }

    [RealServerFact(TestSite.Publisher)]
    public async Task Certificate_RevokedInTheAccessFile_StaysOut_AndANewOneOfItsNameComesIn()
    {
        await using TestSite site = TestSite.WithoutBroker();
        using var authority = new TestAuthority(site.Folder);
        authority.Sign("listener", "listener");
        string serial = authority.Sign("rig-1", "stolen");
        authority.Sign("rig-1", "renewed");
        Secure(site);
        site.Set("Mqtt:Listener:ClientCaFile", authority.File);
        site.Set("Access:File", site.File("access.json"));
        await File.WriteAllTextAsync(site.File("access.json"), "{}");
        await site.StartServiceAsync();
        await site.PublishAsync(Samples.Topic("rig-1"), Two, options: Certificate(site, "stolen"));

        await File.WriteAllTextAsync(site.File("access.json"), $$"""{"revoked":["{{serial}}"]}""");

        while (await TryPublishAsync(site, Certificate(site, "stolen")) == 0)
        {
            // The file is read again within a moment.
        }

        await site.PublishAsync(Samples.Topic("rig-1"), Two, options: Certificate(site, "renewed"));
        Assert.Equal(0.05m, (await site.BooksAsync()).Of("site-1/rig-1").Register);
    }

    [RealServerFact]
    public async Task Certificates_Renewed_AreServedWithoutARestart()
    {
        await using TestSite site = TestSite.WithoutBroker();
        using var authority = new TestAuthority(site.Folder);
        string first = authority.Sign("listener", "listener");
        authority.Sign("http", "http");
        int http = LoopbackPort.Free();
        Secure(site);
        site.Set("Http:Url", $"https://127.0.0.1:{http}");
        site.Set("Http:CertificateFile", site.File("http.pem"));
        site.Set("Http:KeyFile", site.File("http.key"));
        await site.StartServiceAsync();
        Assert.Equal(first, await SerialAsync(site.MqttPort, authority));

        string second = authority.Sign("listener", "listener");
        string secondOfHttp = authority.Sign("http", "http");

        Assert.Equal(second, await SerialOnceAsync(site.MqttPort, authority, second));
        Assert.Equal(secondOfHttp, await SerialOnceAsync(http, authority, secondOfHttp));

        // A key that does not belong to it: the last good pair stays.
        string kept = await File.ReadAllTextAsync(site.File("http.pem"));
        authority.Sign("http", "http");
        await File.WriteAllTextAsync(site.File("http.pem"), kept);
        do
        {
            Assert.Equal(secondOfHttp, await SerialAsync(http, authority));
        }
        while (!site.Service!.Errors.Contains("not taken, the last good one holds", StringComparison.Ordinal));
    }

    [RealServerFact]
    public async Task Api_OverTls_IsTrustedByTheCommandsOfThisMachine()
    {
        await using TestSite site = TestSite.WithoutBroker();
        using var authority = new TestAuthority(site.Folder);
        authority.Sign("a.name.that.nobody.asks.for", "http");
        site.Set("Http:Url", $"https://127.0.0.1:{LoopbackPort.Free()}");
        site.Set("Http:CertificateFile", site.File("http.pem"));
        site.Set("Http:KeyFile", site.File("http.key"));
        await site.StartServiceAsync();

        ChildResult closed = await site.RunAsync(["levy", "close", "2026-Q1", "--site", "site-1", "--by", "A. B."]);

        Assert.Equal(1, closed.ExitCode);
        Assert.Contains("answered 401", closed.Errors, StringComparison.Ordinal);
    }

    private static void Secure(TestSite site)
    {
        site.Set("Mqtt:Listener:CertificateFile", site.File("listener.pem"));
        site.Set("Mqtt:Listener:KeyFile", site.File("listener.key"));
    }

    private static string[] Certificate(TestSite site, string name) =>
        ["--cafile", site.File("ca.pem"), "--cert", site.File($"{name}.pem"), "--key", site.File($"{name}.key")];

    /// <returns>The exit code; mosquitto_pub goes on trying where TLS fails, and is given a moment.</returns>
    private static async Task<int?> TryPublishAsync(TestSite site, string[] options)
    {
        await using ChildProcess publisher = ChildProcess.Start(
            Programs.Require(TestSite.Publisher),
            ["-h", "127.0.0.1", "-p", $"{site.MqttPort}", "-V", "5", "-q", "1", "-t", Samples.Topic("rig-1"), "-m", Two[0], .. options]);
        try
        {
            return (await publisher.EndAsync(TimeSpan.FromSeconds(3))).ExitCode;
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    /// <summary>Shakes hands until the serial number is the one that is waited for, or for a while.</summary>
    private static async Task<string> SerialOnceAsync(int port, TestAuthority authority, string wanted)
    {
        string serial = await SerialAsync(port, authority);
        for (int i = 0; i < 100 && serial != wanted; i++)
        {
            await Task.Delay(100);
            serial = await SerialAsync(port, authority);
        }

        return serial;
    }

    private static async Task<string> SerialAsync(int port, TestAuthority authority)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var tls = new SslStream(client.GetStream());
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(authority.File);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", CertificateChainPolicy = policy });
        return ((X509Certificate2)tls.RemoteCertificate!).SerialNumber.ToString(CultureInfo.InvariantCulture);
    }
}
