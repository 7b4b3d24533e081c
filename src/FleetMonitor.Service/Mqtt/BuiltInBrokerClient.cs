using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Mqtt.Client;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Service.Sources;
using FleetMonitor.Telemetry.Sources;

namespace FleetMonitor.Service.Mqtt;

/// <summary>FleetMonitor's own MQTT client behind the port: the default.</summary>
/// <param name="readPause">How long messages gather between reads while they keep coming.</param>
internal sealed class BuiltInBrokerClient(TimeSpan readPause, TimeProvider time) : IBrokerClient
{
    public async Task<BrokerAttempt> ConnectAsync(BrokerLogin login, IMessageReceiver receiver, CancellationToken cancellation)
    {
        var options = new MqttClientOptions
        {
            ClientId = login.ClientId,
            Version = login.Version311 ? MqttVersion.V311 : MqttVersion.V5,
            CleanStart = false,
            SessionExpiry = login.SessionExpiry,
            KeepAlive = login.KeepAlive,
            ConnectTimeout = login.ConnectTimeout,
            ReceiveMaximum = login.ReceiveMaximum,
            ReadPause = readPause,
            MaximumPacketSize = login.MaximumPacketSize,
            UserName = login.UserName,
            Password = login.Password is { } password ? Encoding.UTF8.GetBytes(password) : default(ReadOnlyMemory<byte>?),
        };
        DialAttempt attempt = await DialAttempt.MakeAsync(
            new BrokerAddress(login.Host, login.Port, login.Tls is not null),
            login.Tls,
            options,
            (connection, messages, token) => receiver.ReceiveAsync(
                Batches.Of(login.Name, new ConnectionAcknowledger(connection), messages.Span, Instant.From(time.GetUtcNow())), token),
            time,
            cancellation);
        return new BrokerAttempt(attempt.Connection is { } connection ? new Connection(connection, login.ExactlyOnce) : null, attempt.Failure, attempt.MayRetry);
    }

    private sealed class Connection(BrokerConnection connection, bool exactlyOnce) : IBrokerConnection
    {
        public bool SessionPresent => connection.Client.Server!.SessionPresent;

        public Task<string> Completion { get; } = EndAsync(connection.Client);

        public async Task<IReadOnlyList<string?>> SubscribeAsync(IReadOnlyList<string> filters)
        {
            MqttQos qos = exactlyOnce ? MqttQos.ExactlyOnce : MqttQos.AtLeastOnce;
            MqttSubscribeResult subscribed = await connection.Client.SubscribeAsync(
                [.. filters.Select(filter => new MqttTopicRequest(filter, qos))]);
            return subscribed.Answered
                ? [.. subscribed.Reasons.Select(reason => reason is MqttReasonCode.GrantedQos1 or MqttReasonCode.GrantedQos2 ? null : reason.ToString())]
                : [];
        }

        public async Task<bool> UnsubscribeAsync(IReadOnlyList<string> filters) => (await connection.Client.UnsubscribeAsync(filters)).Answered;

        public async Task<bool> PublishAsync(string topic, ReadOnlyMemory<byte> payload) =>
            (await connection.Client.PublishAsync(Encoding.UTF8.GetBytes(topic), payload, MqttQos.AtLeastOnce)).Outcome
                != MqttPublishOutcome.ConnectionClosed;

        public ValueTask DisposeAsync() => connection.DisposeAsync();

        private static async Task<string> EndAsync(MqttClientConnection client) => (await client.Completion).Detail;
    }

    /// <summary>Answers on the connection that the message came on, and never on a newer one.</summary>
    private sealed class ConnectionAcknowledger(MqttClientConnection connection) : IAcknowledger
    {
        public void Acknowledge(ReadOnlySpan<ushort> packetIds) => connection.Acknowledge(packetIds);
    }
}
