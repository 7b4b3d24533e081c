using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry.Sources;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace FleetMonitor.MqttNet;

/// <summary>
/// One MQTTnet client, from CONNECT to its end. MQTTnet hands over one message at a time: they are gathered into batches, the way the
/// receiver takes them, and acknowledged by hand, in the order given.
/// </summary>
internal sealed class MqttNetConnection : IBrokerConnection, IAcknowledger
{
    private const int BatchBytes = 64 * 1024;
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    private readonly BrokerLogin _login;
    private readonly IMessageReceiver _receiver;
    private readonly TimeProvider _time;
    private readonly ReadAhead _readAhead = new();
    private readonly IMqttClient _client;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource<string> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Bounded by what may be read ahead.</summary>
    private readonly Channel<Received> _received = Channel.CreateUnbounded<Received>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Bounded by what is not acknowledged.</summary>
    private readonly Channel<MqttApplicationMessageReceivedEventArgs> _acknowledged =
        Channel.CreateUnbounded<MqttApplicationMessageReceivedEventArgs>(new UnboundedChannelOptions { SingleReader = true });

    private readonly ConcurrentDictionary<ushort, MqttApplicationMessageReceivedEventArgs> _unacknowledged = [];

    private Task _handingOver = Task.CompletedTask;
    private Task _acknowledging = Task.CompletedTask;

    public MqttNetConnection(BrokerLogin login, IMessageReceiver receiver, TimeProvider time)
    {
        (_login, _receiver, _time) = (login, receiver, time);
        _client = new MqttClientFactory().CreateMqttClient(_readAhead);
    }

    public bool SessionPresent { get; private set; }

    public Task<string> Completion => _completion.Task;

    public async Task<MqttClientConnectResult> ConnectAsync(MqttClientOptions options, CancellationToken cancellation)
    {
        _client.ApplicationMessageReceivedAsync += ReceiveAsync;
        _client.DisconnectedAsync += EndAsync;
        _handingOver = HandOverAsync();
        _acknowledging = SendAcknowledgementsAsync();
        MqttClientConnectResult result = await _client.ConnectAsync(options, cancellation);
        SessionPresent = result.IsSessionPresent;
        return result;
    }

    public async Task<IReadOnlyList<string?>> SubscribeAsync(IReadOnlyList<string> filters)
    {
        var options = new MqttClientSubscribeOptions();
        foreach (string filter in filters)
        {
            var requested = new MQTTnet.Packets.MqttTopicFilter { Topic = filter, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce };
            if (!_login.Version311)
            {
                // Kept messages are not sent, so a message with the flag set is news.
                (requested.RetainHandling, requested.RetainAsPublished) = (MqttRetainHandling.DoNotSendOnSubscribe, true);
            }

            options.TopicFilters.Add(requested);
        }

        return await AnsweredAsync(token => _client.SubscribeAsync(options, token)) is { } result
            ? [.. result.Items.Select(item => item.ResultCode == MqttClientSubscribeResultCode.GrantedQoS1 ? null : item.ResultCode.ToString())]
            : [];
    }

    public async Task<bool> UnsubscribeAsync(IReadOnlyList<string> filters) =>
        await AnsweredAsync(token => _client.UnsubscribeAsync(new MqttClientUnsubscribeOptions { TopicFilters = [.. filters] }, token)) is not null;

    public async Task<bool> PublishAsync(string topic, ReadOnlyMemory<byte> payload)
    {
        var message = new MqttApplicationMessage
        {
            Topic = topic,
            Payload = new System.Buffers.ReadOnlySequence<byte>(payload),
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        };
        return await AnsweredAsync(token => _client.PublishAsync(message, token)) is not null;
    }

    public void Acknowledge(ReadOnlySpan<ushort> packetIds)
    {
        foreach (ushort id in packetIds)
        {
            if (_unacknowledged.TryRemove(id, out MqttApplicationMessageReceivedEventArgs? message))
            {
                _acknowledged.Writer.TryWrite(message);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _acknowledged.Writer.TryComplete();
        await _acknowledging.WaitAsync(LastWords, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _closing.CancelAsync();
        if (_client.IsConnected)
        {
            using var timeout = new CancellationTokenSource(LastWords, _time);
            await _client.DisconnectAsync(new MqttClientDisconnectOptions(), timeout.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _client.Dispose();
        _completion.TrySetResult("Closed by us.");
        await _handingOver;
        await _acknowledging;
    }

    private Task ReceiveAsync(MqttApplicationMessageReceivedEventArgs message)
    {
        message.AutoAcknowledge = false;
        _received.Writer.TryWrite(new Received(message, Instant.From(_time.GetUtcNow())));
        return Task.CompletedTask;
    }

    private async Task EndAsync(MqttClientDisconnectedEventArgs end)
    {
        _completion.TrySetResult(end switch
        {
            { Exception: { } exception } => exception.GetBaseException().Message,
            { ReasonString: { Length: > 0 } reason } => reason,
            { Reason: not MqttClientDisconnectReason.NormalDisconnection } => $"The server sent DISCONNECT: {end.Reason}.",
            _ => "The server closed the connection.",
        });
        await _closing.CancelAsync();
    }

    private async Task HandOverAsync()
    {
        try
        {
            while (await _received.Reader.WaitToReadAsync(_closing.Token))
            {
                var messages = new List<Received>();
                int bytes = 0;
                long waiting = 0;
                while (bytes < BatchBytes && _received.Reader.TryRead(out Received received))
                {
                    messages.Add(received);
                    bytes += Encoding.UTF8.GetByteCount(received.Topic) + (int)received.Message.ApplicationMessage.Payload.Length;
                    waiting += ReadAhead.Size(received.Topic, received.Message.ApplicationMessage.Payload.Length);
                }

                await _receiver.ReceiveAsync(Batch(messages, bytes), _closing.Token);
                _readAhead.HandedOver(waiting);
            }
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // What was not handed over was not acknowledged: the broker sends it again.
        }
        catch (Exception e)
        {
            await FailAsync(e);
        }
    }

    private RawBatch Batch(List<Received> messages, int bytes)
    {
        var batch = new RawBatch(_login.Name, this, bytes);
        foreach (Received received in messages)
        {
            MqttApplicationMessage message = received.Message.ApplicationMessage;
            ushort packetId = received.Message.PacketIdentifier;
            if (message.QualityOfServiceLevel == MqttQualityOfServiceLevel.AtLeastOnce)
            {
                _unacknowledged[packetId] = received.Message;
            }

            batch.Add(
                Encoding.UTF8.GetBytes(received.Topic),
                System.Buffers.BuffersExtensions.ToArray(message.Payload),
                received.At,
                packetId,
                message.Dup,
                deliveredAsRetained: message.Retain && _login.Version311);
        }

        return batch;
    }

    private async Task SendAcknowledgementsAsync()
    {
        try
        {
            await foreach (MqttApplicationMessageReceivedEventArgs message in _acknowledged.Reader.ReadAllAsync(_closing.Token))
            {
                await message.AcknowledgeAsync(_closing.Token);
            }
        }
        catch (Exception e)
        {
            // The broker sends those messages again on the next connection, and they are known.
            await FailAsync(e);
        }
    }

    /// <summary>Ends a connection that is of no more use; nothing where it has ended.</summary>
    private async Task FailAsync(Exception e)
    {
        if (_client.IsConnected)
        {
            _completion.TrySetResult(e.Message);
            await _client.DisconnectAsync(new MqttClientDisconnectOptions { Reason = MqttClientDisconnectOptionsReason.ImplementationSpecificError })
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>Null where the connection ended first.</returns>
    private async Task<T?> AnsweredAsync<T>(Func<CancellationToken, Task<T>> request)
        where T : class
    {
        try
        {
            return await request(_closing.Token);
        }
        catch (Exception e) when (e is MqttCommunicationException or OperationCanceledException || !_client.IsConnected)
        {
            return null;
        }
    }

    private readonly record struct Received(MqttApplicationMessageReceivedEventArgs Message, Instant At)
    {
        public string Topic => Message.ApplicationMessage.Topic;
    }
}
