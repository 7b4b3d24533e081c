using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FleetMonitor.Telemetry.Sources;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;

namespace FleetMonitor.MqttNet;

/// <summary>MQTTnet behind the port of an MQTT client. Each connection is a client of its own, which never connects again.</summary>
public sealed class MqttNetBrokerClient(TimeProvider time) : IBrokerClient
{
    public async Task<BrokerAttempt> ConnectAsync(BrokerLogin login, IMessageReceiver receiver, CancellationToken cancellation)
    {
        var connection = new MqttNetConnection(login, receiver, time);
        using var timeout = new CancellationTokenSource(login.ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        BrokerAttempt attempt;
        try
        {
            MqttClientConnectResult result = await connection.ConnectAsync(Options(login), either.Token);
            if (result.ResultCode == MqttClientConnectResultCode.Success)
            {
                return new BrokerAttempt(connection, null, MayRetry: false);
            }

            attempt = new BrokerAttempt(null, Describe(result), IsPassing(result.ResultCode));
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            await connection.DisposeAsync();
            throw new OperationCanceledException(cancellation);
        }
        catch (Exception e) when (e.GetBaseException() is AuthenticationException refused)
        {
            attempt = new BrokerAttempt(null, refused.Message, MayRetry: false);
        }
        catch (Exception) when (timeout.IsCancellationRequested)
        {
            attempt = new BrokerAttempt(null, "The server did not answer CONNECT.", MayRetry: true);
        }
        catch (Exception e) when (e is MqttCommunicationException or MqttProtocolViolationException || e.GetBaseException() is SocketException or IOException)
        {
            attempt = new BrokerAttempt(null, e.GetBaseException().Message, MayRetry: true);
        }

        await connection.DisposeAsync();
        return attempt;
    }

    private static MqttClientOptions Options(BrokerLogin login)
    {
        SslClientAuthenticationOptions? tls = login.Tls?.Invoke();
        var options = new MqttClientOptions
        {
            ClientId = login.ClientId,
            ProtocolVersion = login.Version311 ? MqttProtocolVersion.V311 : MqttProtocolVersion.V500,
            CleanSession = false,
            KeepAlivePeriod = login.KeepAlive,
            Timeout = login.ConnectTimeout,
            ChannelOptions = new MqttClientTcpOptions
            {
                RemoteEndpoint = new DnsEndPoint(login.Host, login.Port),
                BufferSize = 64 * 1024,

                // MQTTnet's own default resets the connection, and what was said last may be lost.
                LingerState = new LingerOption(false, 0),
                TlsOptions = new MqttClientTlsOptions
                {
                    UseTls = tls is not null,
                    TargetHost = login.Host,
                    TrustChain = tls?.CertificateChainPolicy?.CustomTrustStore,
                    RevocationMode = X509RevocationMode.NoCheck,
                    ClientCertificatesProvider = tls?.ClientCertificateContext is { } own
                        ? new DefaultMqttCertificatesProvider([own.TargetCertificate, .. own.IntermediateCertificates])
                        : null,
                },
            },
        };
        if (login.UserName is not null || login.Password is not null)
        {
            options.Credentials = new MqttClientCredentials(login.UserName, login.Password is { } password ? Encoding.UTF8.GetBytes(password) : null);
        }

        if (!login.Version311)
        {
            options.SessionExpiryInterval = (uint)login.SessionExpiry.TotalSeconds;
            options.ReceiveMaximum = login.ReceiveMaximum;
            options.MaximumPacketSize = (uint)login.MaximumPacketSize;
        }

        return options;
    }

    private static string Describe(MqttClientConnectResult result)
    {
        string reason = string.IsNullOrEmpty(result.ReasonString) ? $"The server refused: {result.ResultCode}." : result.ReasonString;
        return string.Create(CultureInfo.InvariantCulture, $"{reason} ({result.ResultCode}, 0x{(int)result.ResultCode:x2})");
    }

    private static bool IsPassing(MqttClientConnectResultCode code) => code
        is MqttClientConnectResultCode.ServerUnavailable
        or MqttClientConnectResultCode.ServerBusy
        or MqttClientConnectResultCode.QuotaExceeded
        or MqttClientConnectResultCode.ConnectionRateExceeded;
}
