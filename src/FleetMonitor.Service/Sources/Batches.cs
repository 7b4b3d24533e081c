using FleetMonitor.Fleet.Units;
using FleetMonitor.Mqtt;
using FleetMonitor.Telemetry.Sources;

namespace FleetMonitor.Service.Sources;

internal static class Batches
{
    /// <summary>Copies what one read brought, so that the connection's buffer is free at once.</summary>
    public static RawBatch Of(string source, IAcknowledger acknowledger, ReadOnlySpan<MqttMessage> messages, Instant receivedAt)
    {
        int bytes = 0;
        foreach (ref readonly MqttMessage message in messages)
        {
            bytes += message.Topic.Length + message.Payload.Length;
        }

        var batch = new RawBatch(bytes);
        Add(batch, source, acknowledger, messages, receivedAt);
        return batch;
    }

    /// <summary>Copies it behind what is in a batch already.</summary>
    public static void Add(
        RawBatch batch, string source, IAcknowledger acknowledger, ReadOnlySpan<MqttMessage> messages, Instant receivedAt)
    {
        batch.From(source, acknowledger);
        foreach (ref readonly MqttMessage message in messages)
        {
            batch.Add(
                message.Topic.Span, message.Payload.Span, receivedAt, message.PacketId, message.Duplicate, message.DeliveredAsRetained);
        }
    }
}
