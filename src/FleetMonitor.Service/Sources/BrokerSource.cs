using System.Net.Security;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Mqtt;
using FleetMonitor.Mqtt.Client;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Mqtt;
using FleetMonitor.Telemetry.Sources;

namespace FleetMonitor.Service.Sources;

/// <summary>What is remembered of a session at a broker, in the ledger.</summary>
/// <param name="ClientId">Under which the broker keeps it.</param>
/// <param name="Topics">The filters that the session is subscribed to.</param>
/// <param name="LastHeard">When it was last known to be connected, in Unix milliseconds.</param>
internal sealed record BrokerSession(string ClientId, IReadOnlyList<string> Topics, long LastHeard);

/// <summary>
/// Subscribes to a site's broker under a fixed client id and a session that the broker keeps, so that what is published while this process is
/// away waits there. A message is acknowledged on the connection it came on, after its commit; a broker that no longer knows the session is a
/// gap that finance can see.
/// </summary>
internal sealed partial class BrokerSource : IMessageSource
{
    private const int AlertBacklog = 10_000;

    private readonly BrokerAddress _address;
    private readonly SubscriberSettings _settings;
    private readonly IReadOnlyList<string> _topics;
    private readonly IMessageReceiver _receiver;
    private readonly Func<BrokerSession, Task> _remember;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly MqttClientOptions _options;
    private readonly BrokerDialer _dialer;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<(string Topic, byte[] Payload)> _alerts =
        Channel.CreateBounded<(string, byte[])>(new BoundedChannelOptions(AlertBacklog) { FullMode = BoundedChannelFullMode.DropOldest });

    private BrokerSession? _session;
    private Task _running = Task.CompletedTask;

    /// <param name="tls">Null for a plain connection.</param>
    /// <param name="readPause">How long messages gather between reads while they keep coming.</param>
    /// <param name="session">What the ledger remembers; null where this broker was never connected to.</param>
    /// <param name="remember">Keeps it in the ledger.</param>
    public BrokerSource(
        BrokerAddress address,
        string clientId,
        SubscriberSettings settings,
        Func<SslClientAuthenticationOptions>? tls,
        IReadOnlyList<string> topics,
        TimeSpan readPause,
        BrokerSession? session,
        Func<BrokerSession, Task> remember,
        IMessageReceiver receiver,
        TimeProvider time,
        ILogger log)
    {
        (_address, _settings, _topics, _session, _remember) = (address, settings, topics, session, remember);
        (_receiver, _time, _log) = (receiver, time, log);
        _options = new MqttClientOptions
        {
            ClientId = clientId,
            Version = settings.ProtocolVersion == "3.1.1" ? MqttVersion.V311 : MqttVersion.V5,
            CleanStart = false,
            SessionExpiry = settings.SessionExpiry,
            KeepAlive = settings.KeepAlive,
            ReceiveMaximum = (ushort)settings.ReceiveMaximum,
            ReadPause = readPause,
            UserName = settings.UserName,
            Password = settings.Password is { } password ? new ReadOnlyMemory<byte>(Encoding.UTF8.GetBytes(password)) : null,
        };
        _dialer = new BrokerDialer(address, tls, time, LogAway);
        Status = new SourceStatus(address.ToString(), false, "not connected yet");
    }

    public SourceStatus Status { get; private set; }

    public void Start() => _running = Task.Run(RunAsync);

    public void PublishAlert(string topic, byte[] payload) => _alerts.Writer.TryWrite((topic, payload));

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
                DialResult dialled = await _dialer.ConnectAsync(_options, ReceiveAsync, _stopping.Token);
                if (dialled.Connection is not { } connection)
                {
                    // No new attempt would mend it; a person has to.
                    Status = Status with { Connected = false, Detail = dialled.Refusal! };
                    LogRefused(dialled.Refusal!);
                    await Task.Delay(TimeSpan.FromSeconds(30), _time, _stopping.Token);
                    continue;
                }

                await using (connection)
                {
                    await ServeAsync(connection.Client);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            Status = Status with { Connected = false, Detail = "stopped" };
        }
    }

    private async Task ServeAsync(MqttClientConnection client)
    {
        Instant now = Now();
        if (_session is { } known && !client.Server!.SessionPresent)
        {
            string detail = $"{_address} no longer knew the session of {_options.ClientId}: what it held meanwhile is lost";
            LogSessionLost(detail);
            await _receiver.SessionLostAsync(_address.ToString(), new Instant(known.LastHeard), now, detail, _stopping.Token);
        }

        if (!await SubscribeAsync(client))
        {
            return;
        }

        _session = new BrokerSession(_options.ClientId, _topics, now.UnixMilliseconds);
        await _remember(_session);
        Status = new SourceStatus(_address.ToString(), true, $"connected as {_options.ClientId}");
        LogConnected(_address.ToString(), _options.ClientId, client.Server!.SessionPresent);

        using var closed = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        Task alerts = PublishAlertsAsync(client, closed.Token);
        MqttClosed end = await client.Completion.WaitAsync(_stopping.Token);
        await closed.CancelAsync();
        await alerts;
        _session = _session with { LastHeard = Now().UnixMilliseconds };
        await _remember(_session);
        Status = new SourceStatus(_address.ToString(), false, end.Detail);
        LogDisconnected(_address.ToString(), end.Detail);
    }

    /// <returns>False where the connection ended first.</returns>
    private async Task<bool> SubscribeAsync(MqttClientConnection client)
    {
        string[] gone = [.. (_session?.Topics ?? []).Except(_topics)];
        if (gone.Length > 0 && client.Server!.SessionPresent && !(await client.UnsubscribeAsync(gone)).Answered)
        {
            return false;
        }

        MqttSubscribeResult subscribed = await client.SubscribeAsync(
            [.. _topics.Select(topic => new MqttTopicRequest(topic, _settings.Qos))]);
        for (int i = 0; i < subscribed.Reasons.Count; i++)
        {
            if (subscribed.Reasons[i] is not (MqttReasonCode.GrantedQos1 or MqttReasonCode.GrantedQos2))
            {
                LogNotGranted(_address.ToString(), _topics[i], subscribed.Reasons[i]);
            }
        }

        return subscribed.Answered;
    }

    private ValueTask ReceiveAsync(MqttClientConnection connection, ReadOnlyMemory<MqttMessage> messages, CancellationToken cancellation) =>
        _receiver.ReceiveAsync(
            Batches.Of(_address.ToString(), new ConnectionAcknowledger(connection), messages.Span, Now()), cancellation);

    private async Task PublishAlertsAsync(MqttClientConnection client, CancellationToken cancellation)
    {
        try
        {
            await foreach ((string topic, byte[] payload) in _alerts.Reader.ReadAllAsync(cancellation))
            {
                MqttPublishResult published = await client.PublishAsync(Encoding.UTF8.GetBytes(topic), payload, MqttQos.AtLeastOnce);
                if (published.Outcome == MqttPublishOutcome.ConnectionClosed)
                {
                    _alerts.Writer.TryWrite((topic, payload));
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The connection ended; the rest goes out on the next one.
        }
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
    private partial void LogNotGranted(string broker, string topic, MqttReasonCode reason);

    /// <summary>Answers on the connection that the message came on, and never on a newer one.</summary>
    private sealed class ConnectionAcknowledger(MqttClientConnection connection) : IAcknowledger
    {
        public void Acknowledge(ReadOnlySpan<ushort> packetIds) => connection.Acknowledge(packetIds);
    }
}
