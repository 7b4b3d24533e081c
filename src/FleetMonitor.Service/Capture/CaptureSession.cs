using System.Buffers;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Mqtt;
using FleetMonitor.Mqtt.Client;
using FleetMonitor.Mqtt.Protocol;
using FleetMonitor.Service.Mqtt;

namespace FleetMonitor.Service.Capture;

/// <summary>
/// Records what a broker delivers to a topic filter. What came in one read is handed to the operating system before it is acknowledged, in
/// whole lines. A lost connection is opened again; what the broker got meanwhile is not recorded, and the log says so.
/// </summary>
public sealed class CaptureSession(BrokerDialer dialer, MqttClientOptions options, string filter, Stream output, TimeProvider time, Action<string> report)
{
    private readonly ArrayBufferWriter<byte> _lines = new(64 * 1024);
    private bool _recorded;
    private CaptureWriter? _writer;

    public long Messages { get; private set; }

    /// <summary>
    /// What a capture asks of a broker. In MQTT 3.1.1 the broker marks exactly those messages that it delivers because they are retained;
    /// in 5.0 the subscriptions made here would not get them at all.
    /// </summary>
    public static MqttClientOptions Options(string clientId) => new()
    {
        ClientId = clientId,
        Version = MqttVersion.V311,

        // Spelled out in JSON a byte takes six at most.
        MaximumPacketSize = CaptureFile.MaxLineBytes / 8,
    };

    /// <summary>Records until it is cancelled.</summary>
    /// <returns>Null, or why recording ended before.</returns>
    public async Task<string?> RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                DialResult dialled = await dialer.ConnectAsync(options, RecordAsync, stop);
                if (dialled.Connection is not { } connection)
                {
                    return dialled.Refusal;
                }

                await using (connection)
                {
                    if (await RecordUntilClosedAsync(connection.Client, stop) is { } failure)
                    {
                        return failure;
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return _recorded ? null : "nothing was recorded: the broker was never reached";
        }
    }

    private async Task<string?> RecordUntilClosedAsync(MqttClientConnection client, CancellationToken stop)
    {
        MqttSubscribeResult subscribed = await client.SubscribeAsync([new MqttTopicRequest(filter, MqttQos.AtLeastOnce)]).WaitAsync(stop);
        if (subscribed.Answered && !subscribed.AllGranted)
        {
            return $"the broker does not grant {filter}: {subscribed.Reasons[0]}";
        }

        if (subscribed.Answered)
        {
            _recorded = true;
            report($"recording {filter}");
        }

        MqttClosed closed = await client.Completion.WaitAsync(stop);
        if (closed.Cause == MqttCloseCause.HandlerFailed)
        {
            return $"the capture cannot be written: {closed.Detail}";
        }

        report($"connection lost ({closed.Detail}); what is published until it is back is not recorded");
        return null;
    }

    private ValueTask RecordAsync(MqttClientConnection connection, ReadOnlyMemory<MqttMessage> batch, CancellationToken cancellation)
    {
        Instant at = Instant.From(time.GetUtcNow());
        _writer ??= new CaptureWriter(_lines);
        ushort[] acknowledgements = ArrayPool<ushort>.Shared.Rent(batch.Length);
        int count = 0;
        foreach (MqttMessage message in batch.Span)
        {
            _writer.Write(at, message.Topic.Span, message.Payload.Span, message.DeliveredAsRetained);
            if (message.PacketId != 0)
            {
                acknowledgements[count++] = message.PacketId;
            }
        }

        output.Write(_lines.WrittenSpan);
        output.Flush();
        _lines.ResetWrittenCount();
        Messages += batch.Length;
        connection.Acknowledge(acknowledgements.AsSpan(0, count));
        ArrayPool<ushort>.Shared.Return(acknowledgements);
        return ValueTask.CompletedTask;
    }
}
