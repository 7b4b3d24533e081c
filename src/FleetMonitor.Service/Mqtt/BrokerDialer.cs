using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using FleetMonitor.Mqtt.Client;
using FleetMonitor.Mqtt.Protocol;
using Polly;
using Polly.Retry;

namespace FleetMonitor.Service.Mqtt;

/// <summary>
/// Connects to a broker however long it takes: a broker that is away, busy or just starting is tried again with growing, jittered pauses of
/// up to five seconds, so that a fleet of clients does not come back all at once. What a new attempt cannot mend (credentials, certificates)
/// ends it.
/// </summary>
/// <param name="tls">Asked at each attempt, so that a renewed certificate is taken; null for a plain connection or for the system's usual demands.</param>
/// <param name="report">Takes a sentence at the first failure of each dialling.</param>
public sealed class BrokerDialer(
    BrokerAddress address, Func<SslClientAuthenticationOptions>? tls, TimeProvider time, Action<string> report)
{
    public async Task<DialResult> ConnectAsync(
        MqttClientOptions options, MqttPublishesHandler onPublishes, CancellationToken cancellation)
    {
        ResiliencePipeline<Attempt> pipeline = new ResiliencePipelineBuilder<Attempt> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<Attempt>
            {
                ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result?.MayRetry == true),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(100),
                MaxDelay = TimeSpan.FromSeconds(5),
                UseJitter = true,
                OnRetry = arguments =>
                {
                    if (arguments.AttemptNumber == 0)
                    {
                        report($"{address}: {arguments.Outcome.Result!.Failure}; trying again");
                    }

                    return ValueTask.CompletedTask;
                },
            })
            .Build();

        Attempt last = await pipeline.ExecuteAsync(async token => await TryAsync(options, onPublishes, token), cancellation);
        return new DialResult(last.Connection, last.Connection is null ? $"{address}: {last.Failure}" : null);
    }

    private async Task<Attempt> TryAsync(
        MqttClientOptions options, MqttPublishesHandler onPublishes, CancellationToken cancellation)
    {
        SocketConnection socket;
        try
        {
            socket = await SocketConnection.ConnectAsync(address, tls?.Invoke(), options.ReadPause > TimeSpan.Zero, cancellation);
        }
        catch (AuthenticationException exception)
        {
            return new Attempt(null, exception.Message, MayRetry: false);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            return new Attempt(null, exception.Message, MayRetry: true);
        }

        var connection = new BrokerConnection(new MqttClientConnection(socket, options, onPublishes, time), socket);
        try
        {
            MqttConnectResult result = await connection.Client.ConnectAsync(cancellation);
            if (result.Outcome == MqttConnectOutcome.Accepted)
            {
                return new Attempt(connection, null, MayRetry: false);
            }

            await connection.DisposeAsync();
            bool mayRetry = result.Outcome != MqttConnectOutcome.Refused || IsPassing(result.Reason);
            return new Attempt(null, Describe(result), mayRetry);
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

    private sealed record Attempt(BrokerConnection? Connection, string? Failure, bool MayRetry);
}
