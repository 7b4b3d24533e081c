using System.Net;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Mqtt;

namespace FleetMonitor.Service.Configuration;

/// <summary>The doors: page and API, the listener, the way to the brokers.</summary>
public static partial class SettingsFile
{
    private static HttpSettings Http(SettingsReader reader)
    {
        const string Key = "Http:Url";
        string text = reader.Text(Key, "http://127.0.0.1:8080");
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url)
            || url.Scheme is not ("http" or "https") || url.PathAndQuery != "/" || url.UserInfo.Length > 0)
        {
            reader.Problem(Key, text.Contains('@') ? null : text, "write an address such as http://127.0.0.1:8080");
            url = new Uri("http://127.0.0.1:8080");
        }

        var keys = new List<ApiKeySettings>();
        foreach (string path in reader.Sections("Http:Keys"))
        {
            string name = reader.Text($"{path}:Name", "");
            string role = reader.Choice($"{path}:Role", "viewer", ("viewer", "viewer"), ("operator", "operator"), ("finance", "finance"));
            string hash = reader.Text($"{path}:Sha256", "").ToLowerInvariant();
            if (name.Length == 0)
            {
                reader.Problem($"{path}:Name", null, "name the person or program that holds the key");
            }

            if (!ApiKeySettings.IsHash(hash))
            {
                reader.Problem($"{path}:Sha256", null, ApiKeySettings.HashFix);
            }

            keys.Add(new ApiKeySettings(name, role, hash));
        }

        CertificateSettings? certificate = Certificate(reader, "Http");
        if (url.Scheme == Uri.UriSchemeHttps != certificate is not null)
        {
            reader.Problem(
                Key, text, certificate is null ? "https takes Http:CertificateFile and Http:KeyFile" : "write https: a certificate is set");
        }

        IReadOnlyList<IPNetwork> proxies = Proxies(reader);
        string? roleHeader = reader.OptionalText("Http:RoleHeader");
        if (roleHeader is not null && proxies.Count == 0)
        {
            reader.Problem("Http:RoleHeader", roleHeader, "set Http:Proxies: from anybody else the header is not believed");
        }

        return new HttpSettings(
            url,
            keys,
            certificate,
            proxies,
            roleHeader,
            reader.OptionalText("Http:UserHeader"),
            reader.Number("Http:RequestsPerMinute", 1_200, 0, 10_000_000),
            reader.Number("Http:FailedKeysPerMinute", 60, 0, 10_000_000));
    }

    private static IReadOnlyList<IPNetwork> Proxies(SettingsReader reader)
    {
        var proxies = new List<IPNetwork>();
        foreach (string text in reader.List("Http:Proxies"))
        {
            if (IPAddress.TryParse(text, out IPAddress? address))
            {
                proxies.Add(new IPNetwork(address, address.GetAddressBytes().Length * 8));
            }
            else if (IPNetwork.TryParse(text, out IPNetwork network))
            {
                proxies.Add(network);
            }
            else
            {
                reader.Problem("Http:Proxies", text, "write an address such as 10.0.0.7 or a network such as 10.0.0.0/24");
            }
        }

        return proxies;
    }

    private static ListenerSettings Listener(SettingsReader reader, SubscriberSettings subscriber)
    {
        const string Key = "Mqtt:Listener:Address";
        bool enabled = reader.OptionalFlag("Mqtt:Listener:Enabled") ?? subscriber.Brokers.Count == 0;
        string text = reader.Text(Key, "127.0.0.1");
        if (!IPAddress.TryParse(text, out IPAddress? address))
        {
            reader.Problem(Key, text, "write an IP address of this machine, such as 127.0.0.1");
            address = IPAddress.Loopback;
        }

        CertificateSettings? certificate = Certificate(reader, "Mqtt:Listener");
        string? clientCa = reader.OptionalText("Mqtt:Listener:ClientCaFile");
        if (clientCa is not null && certificate is null)
        {
            reader.Problem("Mqtt:Listener:ClientCaFile", clientCa, "client certificates take TLS: set Mqtt:Listener:CertificateFile and KeyFile");
        }

        return new ListenerSettings(
            enabled,
            address,
            reader.Number("Mqtt:Listener:Port", 1883, 0, 65_535),
            reader.Number("Mqtt:Listener:MaxConnections", 100_000, 1, 2_000_000),
            reader.Number("Mqtt:Listener:MaxPacketBytes", 262_144, 1_024, 16_777_216),
            certificate,
            clientCa,
            reader.Flag("Mqtt:Listener:AllowAnonymous", false),
            reader.Number("Mqtt:Listener:FailedLoginsPerMinute", 30, 0, 10_000_000));
    }

    private static SubscriberSettings Subscriber(SettingsReader reader)
    {
        var brokers = new List<BrokerAddress>();
        foreach (string text in reader.List("Mqtt:Subscriber:Brokers"))
        {
            if (!BrokerAddress.TryParse(text, out BrokerAddress? address))
            {
                // Where an at-sign stands, a password may.
                reader.Problem("Mqtt:Subscriber:Brokers", text.Contains('@') ? null : text, $"write {BrokerAddress.Forms}");
            }
            else if (brokers.Contains(address!))
            {
                reader.Problem("Mqtt:Subscriber:Brokers", text, "the broker stands here twice; keep one of them");
            }
            else
            {
                brokers.Add(address!);
            }
        }

        string client = Client(reader, "Mqtt:Client", Clients.MqttNet, Clients.HasBroker);
        MqttQos qos = reader.Choice("Mqtt:Subscriber:Qos", MqttQos.AtLeastOnce, ("1", MqttQos.AtLeastOnce), ("2", MqttQos.ExactlyOnce));
        if (client == Clients.MqttNet && qos == MqttQos.ExactlyOnce)
        {
            reader.Problem("Mqtt:Subscriber:Qos", "2", "mqttnet answers for messages of QoS 1: write 1, or builtin for Mqtt:Client");
        }

        return new SubscriberSettings(
            client,
            brokers,
            reader.OptionalText("Mqtt:Subscriber:ClientId"),
            reader.OptionalText("Mqtt:Subscriber:UserName"),
            reader.OptionalText("Mqtt:Subscriber:Password"),
            reader.Choice("Mqtt:Subscriber:ProtocolVersion", "5.0", ("5.0", "5.0"), ("3.1.1", "3.1.1")),
            reader.Duration("Mqtt:Subscriber:KeepAlive", TimeSpan.FromSeconds(30), Second, TimeSpan.FromHours(1)),
            reader.Duration("Mqtt:Subscriber:SessionExpiry", TimeSpan.FromDays(7), TimeSpan.Zero, TimeSpan.FromDays(40)),
            reader.Number("Mqtt:Subscriber:ReceiveMaximum", 10_000, 1, 65_535),
            reader.Duration("Mqtt:Subscriber:ReadEvery", TimeSpan.FromMilliseconds(100), TimeSpan.Zero, Second),
            qos,
            reader.OptionalText("Mqtt:Subscriber:CaFile"),
            Certificate(reader, "Mqtt:Subscriber"),
            reader.List("Mqtt:Subscriber:Topics"));
    }

    private static CertificateSettings? Certificate(SettingsReader reader, string section)
    {
        string? certificate = reader.OptionalText($"{section}:CertificateFile");
        string? key = reader.OptionalText($"{section}:KeyFile");
        if (certificate is not null && key is not null)
        {
            return new CertificateSettings(certificate, key);
        }

        if (certificate is not null || key is not null)
        {
            reader.Problem(
                certificate is null ? $"{section}:CertificateFile" : $"{section}:KeyFile", null, "write both the certificate's file and its key's, in PEM");
        }

        return null;
    }
}
