using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Mqtt;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace FleetMonitor.Service.Identity;

/// <summary>TLS for the three doors: page and API, the listener, the way to the brokers. Each new connection takes the files as they are now.</summary>
internal sealed class Tls
{
    private readonly ReloadedFiles<SslStreamCertificateContext>? _http;
    private readonly ReloadedFiles<SslStreamCertificateContext>? _listener;
    private readonly ReloadedFiles<X509Certificate2Collection>? _listenerClients;
    private readonly ReloadedFiles<SslStreamCertificateContext>? _subscriber;
    private readonly ReloadedFiles<X509Certificate2Collection>? _brokers;

    private Tls(Settings settings, TimeProvider time, Action<string> report, List<string> problems)
    {
        _http = Own("Http:CertificateFile", settings.Http.Certificate);
        _listener = Own("Mqtt:Listener:CertificateFile", settings.Listener.Certificate);
        _listenerClients = Authorities("Mqtt:Listener:ClientCaFile", settings.Listener.ClientCaFile);
        _subscriber = Own("Mqtt:Subscriber:CertificateFile", settings.Subscriber.Certificate);
        _brokers = Authorities("Mqtt:Subscriber:CaFile", settings.Subscriber.CaFile);

        ReloadedFiles<SslStreamCertificateContext>? Own(string key, CertificateSettings? files) => files is null
            ? null
            : Load(key, [files.CertificateFile, files.KeyFile], () => Certificates.Own(files));

        ReloadedFiles<X509Certificate2Collection>? Authorities(string key, string? file) => file is null
            ? null
            : Load(key, [file], () => Certificates.Authorities(file));

        ReloadedFiles<T>? Load<T>(string key, IReadOnlyList<string> files, Func<T> load)
            where T : class
        {
            try
            {
                return new ReloadedFiles<T>(files, load, time, report);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
            {
                problems.Add($"{key} = \"{files[0]}\": cannot be loaded: {e.Message}");
                return null;
            }
        }
    }

    /// <param name="report">Takes a sentence for the log when files were read again.</param>
    public static (Tls? Tls, IReadOnlyList<string> Problems) Load(Settings settings, TimeProvider time, Action<string> report)
    {
        var problems = new List<string>();
        var tls = new Tls(settings, time, report, problems);
        return (problems.Count == 0 ? tls : null, problems);
    }

    /// <summary>Null where page and API are served plainly.</summary>
    public TlsHandshakeCallbackOptions? ForHttp() => _http is null ? null : Server(() => new SslServerAuthenticationOptions
    {
        ServerCertificateContext = _http.Current,
    });

    /// <summary>Null where the listener serves plain TCP. A client may come without a certificate, but not with one that is not to be trusted.</summary>
    public TlsHandshakeCallbackOptions? ForListener() => _listener is null ? null : Server(() => new SslServerAuthenticationOptions
    {
        ServerCertificateContext = _listener.Current,
        ApplicationProtocols = [new SslApplicationProtocol("mqtt")],
        ClientCertificateRequired = _listenerClients is not null,
        CertificateChainPolicy = _listenerClients is null ? null : Certificates.Trust(_listenerClients.Current),
        RemoteCertificateValidationCallback = static (_, certificate, _, errors) =>
            certificate is null || errors == SslPolicyErrors.None,
    });

    public SslClientAuthenticationOptions ForBroker(BrokerAddress address) =>
        Certificates.ForClient(address.Host, _subscriber?.Current, _brokers?.Current);

    private static TlsHandshakeCallbackOptions Server(Func<SslServerAuthenticationOptions> options) => new()
    {
        OnConnection = _ => ValueTask.FromResult(options()),
    };
}
