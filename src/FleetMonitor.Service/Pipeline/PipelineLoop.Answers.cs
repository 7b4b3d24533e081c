using System.Runtime.InteropServices;
using FleetMonitor.Telemetry.Sources;

namespace FleetMonitor.Service.Pipeline;

/// <summary>The acks of a batch that is durable: one call for the messages of a sender that follow each other.</summary>
internal sealed partial class PipelineLoop
{
    private void Acknowledge()
    {
        foreach (RawBatch batch in _batches)
        {
            foreach (RawPart part in batch.Parts)
            {
                if (part.Acknowledger is { } acknowledger)
                {
                    Acknowledge(acknowledger, part.Messages.Span);
                }
            }

            int messages = batch.Count;
            batch.Dispose();
            _room.Leave(messages);
        }

        _batches.Clear();
    }

    private void Acknowledge(IAcknowledger acknowledger, ReadOnlySpan<RawMessage> messages)
    {
        foreach (ref readonly RawMessage message in messages)
        {
            if (message.PacketId != 0)
            {
                _acks.Add(message.PacketId);
            }
        }

        acknowledger.Acknowledge(CollectionsMarshal.AsSpan(_acks));
        _counters.Acknowledged += _acks.Count;
        _acks.Clear();
    }
}
