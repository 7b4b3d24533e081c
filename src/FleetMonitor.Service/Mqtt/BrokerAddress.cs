using System.Globalization;
using System.Net;

namespace FleetMonitor.Service.Mqtt;

/// <summary>Where a broker listens: <c>HOST:PORT</c>, <c>HOST</c>, <c>mqtt://HOST:PORT</c> or, over TLS, <c>mqtts://HOST:PORT</c>.</summary>
public sealed record BrokerAddress(string Host, int Port, bool Tls)
{
    public const string Forms = "HOST:PORT, mqtt://HOST:PORT or mqtts://HOST:PORT";

    private const int PlainPort = 1883;
    private const int TlsPort = 8883;

    public bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out IPAddress? address) && IPAddress.IsLoopback(address));

    /// <summary>False for what is no address; a password does not belong into one, since addresses are logged.</summary>
    public static bool TryParse(string? text, out BrokerAddress? address)
    {
        address = null;
        string withScheme = text is not null && text.Contains("://", StringComparison.Ordinal) ? text : "mqtt://" + text;
        if (!Uri.TryCreate(withScheme, UriKind.Absolute, out Uri? uri)
            || uri.Scheme is not ("mqtt" or "mqtts")
            || uri.Host.Length == 0
            || uri.Port == 0
            || uri.UserInfo.Length > 0
            || uri.PathAndQuery is not ("" or "/")
            || uri.Fragment.Length > 0)
        {
            return false;
        }

        bool tls = uri.Scheme == "mqtts";
        int port = uri.Port > 0 ? uri.Port : tls ? TlsPort : PlainPort;
        address = new BrokerAddress(uri.DnsSafeHost, port, tls);
        return true;
    }

    public override string ToString()
    {
        string host = Host.Contains(':') ? $"[{Host}]" : Host;
        return string.Create(CultureInfo.InvariantCulture, $"{(Tls ? "mqtts" : "mqtt")}://{host}:{Port}");
    }
}
