using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using FleetMonitor.Mqtt.Client;
using FleetMonitor.Mqtt.Protocol;

namespace FleetMonitor.Service.Mqtt;

/// <summary>
/// Connects to a broker however long it takes: one that is away, busy or just starting is tried again. What a new attempt cannot mend
/// (credentials, certificates) ends it.
/// </summary>
/// <param name="tls">Asked at each attempt, so that a renewed certificate is taken; null for a plain connection or for the system's usual demands.</param>
/// <param name="report">Takes a sentence at the first failure of each dialling.</param>
public sealed class BrokerDialer(
    BrokerAddress address, Func<SslClientAuthenticationOptions>? tls, TimeProvider time, Action<string> report)
{
    public async Task<DialResult> ConnectAsync(
        MqttClientOptions options, MqttPublishesHandler onPublishes, CancellationToken cancellation)
    {
        DialAttempt last = await Redial.UntilDoneAsync(
            token => DialAttempt.MakeAsync(address, tls, options, onPublishes, time, token),
            attempt => attempt.MayRetry ? attempt.Failure : null,
            address.ToString(),
            time,
            report,
            cancellation);
        return new DialResult(last.Connection, last.Connection is null ? $"{address}: {last.Failure}" : null);
    }
}

/// <summary>How one attempt ended: a connection, or what failed and whether a new attempt may mend it.</summary>
internal sealed record DialAttempt(BrokerConnection? Connection, string? Failure, bool MayRetry)
{
    public static async Task<DialAttempt> MakeAsync(
        BrokerAddress address,
        Func<SslClientAuthenticationOptions>? tls,
        MqttClientOptions options,
        MqttPublishesHandler onPublishes,
        TimeProvider time,
        CancellationToken cancellation)
    {
        SocketConnection socket;
        try
        {
            socket = await SocketConnection.ConnectAsync(address, tls?.Invoke(), options.ReadPause > TimeSpan.Zero, cancellation);
        }
        catch (AuthenticationException exception)
        {
            return new DialAttempt(null, exception.Message, MayRetry: false);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return new DialAttempt(null, exception.Message, MayRetry: true);
        }

        var connection = new BrokerConnection(new MqttClientConnection(socket, options, onPublishes, time), socket);
        try
        {
            MqttConnectResult result = await connection.Client.ConnectAsync(cancellation);
            if (result.Outcome == MqttConnectOutcome.Accepted)
            {
                return new DialAttempt(connection, null, MayRetry: false);
            }

            await connection.DisposeAsync();
            bool mayRetry = result.Outcome != MqttConnectOutcome.Refused || IsPassing(result.Reason);
            return new DialAttempt(null, Describe(result), mayRetry);
        }
        catch (OperationCanceledException)
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private static string? Describe(MqttConnectResult result) => result.Outcome == MqttConnectOutcome.Refused
        ? string.Create(CultureInfo.InvariantCulture, $"{result.Detail} ({result.Reason}, 0x{(int)result.Reason:x2})")
        : result.Detail;

    private static bool IsPassing(MqttReasonCode reason) => reason
        is MqttReasonCode.ServerUnavailable
        or MqttReasonCode.ServerBusy
        or MqttReasonCode.ServerShuttingDown
        or MqttReasonCode.QuotaExceeded
        or MqttReasonCode.ConnectionRateExceeded;
}
