using System.Net.Security;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Mqtt;
using FleetMonitor.Telemetry.Sources;

namespace FleetMonitor.Service.Sources;

/// <summary>What is remembered of a session at a broker, in the ledger.</summary>
/// <param name="ClientId">Under which the broker keeps it.</param>
/// <param name="Topics">The filters that the session is subscribed to.</param>
/// <param name="LastHeard">When it was last known to be connected, in Unix milliseconds.</param>
/// <param name="Connecting">CONNECT is under way. Found at a start: the broker may have begun a new session, and nobody has noted it.</param>
internal sealed record BrokerSession(string ClientId, IReadOnlyList<string> Topics, long LastHeard, bool Connecting = false);

/// <summary>
/// Subscribes to a site's broker under a fixed client id and a session that the broker keeps, so that what is published while this process is
/// away waits there. A message is acknowledged on the connection it came on, after its commit; a broker that no longer knows the session is a
/// gap that finance can see.
/// </summary>
internal sealed partial class BrokerSource : IMessageSource
{
    private readonly IBrokerClient _client;
    private readonly BrokerLogin _login;
    private readonly IReadOnlyList<string> _topics;
    private readonly IMessageReceiver _receiver;
    private readonly Func<BrokerSession, Task> _remember;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();

    private volatile IBrokerConnection? _connection;
    private BrokerSession? _session;
    private bool _wasCutOff;
    private Task _running = Task.CompletedTask;

    /// <param name="client">Speaks MQTT.</param>
    /// <param name="tls">Null for a plain connection.</param>
    /// <param name="session">What the ledger remembers; null where this broker was never connected to.</param>
    /// <param name="remember">Keeps it in the ledger.</param>
    public BrokerSource(
        IBrokerClient client,
        BrokerAddress address,
        string clientId,
        SubscriberSettings settings,
        Func<SslClientAuthenticationOptions>? tls,
        IReadOnlyList<string> topics,
        BrokerSession? session,
        Func<BrokerSession, Task> remember,
        IMessageReceiver receiver,
        TimeProvider time,
        ILogger log)
    {
        (_client, _topics, _session, _remember) = (client, topics, session, remember);
        (_receiver, _time, _log) = (receiver, time, log);
        _wasCutOff = session is { Connecting: true };
        _login = new BrokerLogin
        {
            Name = address.ToString(),
            Host = address.Host,
            Port = address.Port,
            Tls = tls,
            ExactlyOnce = settings.Qos == MqttQos.ExactlyOnce,
            ClientId = clientId,
            Version311 = settings.ProtocolVersion == "3.1.1",
            SessionExpiry = settings.SessionExpiry,
            KeepAlive = settings.KeepAlive,
            ReceiveMaximum = (ushort)settings.ReceiveMaximum,
            UserName = settings.UserName,
            Password = settings.Password,
        };
        Status = new SourceStatus(_login.Name, false, "not connected yet");
    }

    public SourceStatus Status { get; private set; }

    public void Start() => _running = Task.Run(RunAsync);

    public Task<bool> PublishAlertAsync(string topic, byte[] payload) =>
        _connection is { } connection ? connection.PublishAsync(topic, payload) : Task.FromResult(false);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                BrokerAttempt attempt = await Redial.UntilDoneAsync(
                    ConnectAsync,
                    attempt => attempt.MayRetry ? attempt.Failure : null,
                    _login.Name,
                    _time,
                    LogAway,
                    _stopping.Token);
                if (attempt.Connection is not { } connection)
                {
                    // No new attempt would mend it; a person has to.
                    string refusal = $"{_login.Name}: {attempt.Failure}";
                    Status = Status with { Connected = false, Detail = refusal };
                    LogRefused(refusal);
                    await Task.Delay(TimeSpan.FromSeconds(30), _time, _stopping.Token);
                    continue;
                }

                await using (connection)
                {
                    await ServeAsync(connection);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            Status = Status with { Connected = false, Detail = "stopped" };
        }
    }

    /// <summary>
    /// The ledger knows of CONNECT before the broker does, since a broker may make a new session by it that the next start would take for the
    /// old one.
    /// </summary>
    private async Task<BrokerAttempt> ConnectAsync(CancellationToken cancellation)
    {
        await MarkConnectingAsync(true);
        BrokerAttempt attempt = await _client.ConnectAsync(_login, _receiver, cancellation);
        if (attempt.Connection is null)
        {
            await MarkConnectingAsync(false);
        }

        return attempt;
    }

    private async Task MarkConnectingAsync(bool connecting)
    {
        if (_session is { } known && known.Connecting != connecting && !_wasCutOff)
        {
            _session = known with { Connecting = connecting };
            await _remember(_session);
        }
    }

    private async Task ServeAsync(IBrokerConnection connection)
    {
        Instant now = Now();
        bool isNew = !connection.SessionPresent;
        if (_session is { } known && (isNew || _wasCutOff))
        {
            string detail = isNew
                ? $"{_login.Name} no longer knew the session of {_login.ClientId}: what it held meanwhile is lost"
                : $"{_login.Name} may have begun a new session of {_login.ClientId} while this process died: what it held before may be lost";
            LogSessionLost(detail);
            if (!await _receiver.SessionLostAsync(_login.Name, new Instant(known.LastHeard), now, detail, isNew))
            {
                return;
            }
        }

        _wasCutOff = false;
        if (!await SubscribeAsync(connection))
        {
            return;
        }

        _session = new BrokerSession(_login.ClientId, _topics, now.UnixMilliseconds);
        await _remember(_session);
        _connection = connection;
        Status = new SourceStatus(_login.Name, true, $"connected as {_login.ClientId}");
        LogConnected(_login.Name, _login.ClientId, connection.SessionPresent);

        string end;
        try
        {
            end = await connection.Completion.WaitAsync(_stopping.Token);
        }
        finally
        {
            _connection = null;
        }

        _session = _session with { LastHeard = Now().UnixMilliseconds };
        await _remember(_session);
        Status = new SourceStatus(_login.Name, false, end);
        LogDisconnected(_login.Name, end);
    }

    /// <returns>False where the connection ended first.</returns>
    private async Task<bool> SubscribeAsync(IBrokerConnection connection)
    {
        string[] gone = [.. (_session?.Topics ?? []).Except(_topics)];
        if (gone.Length > 0 && connection.SessionPresent && !await connection.UnsubscribeAsync(gone))
        {
            return false;
        }

        IReadOnlyList<string?> granted = await connection.SubscribeAsync(_topics);
        for (int i = 0; i < granted.Count; i++)
        {
            if (granted[i] is { } reason)
            {
                LogNotGranted(_login.Name, _topics[i], reason);
            }
        }

        return granted.Count > 0;
    }

    private Instant Now() => Instant.From(_time.GetUtcNow());

    [LoggerMessage(LogLevel.Warning, "{What}")]
    private partial void LogAway(string what);

    [LoggerMessage(LogLevel.Error, "{Refusal}; trying again in 30 s")]
    private partial void LogRefused(string refusal);

    [LoggerMessage(LogLevel.Warning, "{Detail}")]
    private partial void LogSessionLost(string detail);

    [LoggerMessage(LogLevel.Information, "Connected to {Broker} as {ClientId} (session resumed: {Resumed})")]
    private partial void LogConnected(string broker, string clientId, bool resumed);

    [LoggerMessage(LogLevel.Warning, "Disconnected from {Broker}: {Detail}")]
    private partial void LogDisconnected(string broker, string detail);

    [LoggerMessage(LogLevel.Warning, "{Broker} granted {Topic} as {Reason}, without acknowledgement: deliveries there are not safe")]
    private partial void LogNotGranted(string broker, string topic, string reason);
}
