using System.Collections.Concurrent;
using System.Text;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry.Sources;
using Xunit;

namespace FleetMonitor.Tests.Clients;

/// <summary>One message as it was received, and how to answer for it.</summary>
internal sealed record Taken(string Topic, string Payload, ushort PacketId, bool Redelivered, bool DeliveredAsRetained, IAcknowledger Acknowledger)
{
    public void Acknowledge() => Acknowledger.Acknowledge([PacketId]);
}

/// <summary>Takes what a client receives, in order, while it is not held.</summary>
internal sealed class Receiver : IMessageReceiver
{
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly ConcurrentQueue<Taken> _messages = [];

    /// <summary>What each batch waits for before there is room for the next.</summary>
    public Task Hold { get; set; } = Task.CompletedTask;

    public ConcurrentQueue<(string Source, Instant From, Instant To, string Detail)> LostSessions { get; } = [];

    public async ValueTask ReceiveAsync(RawBatch batch, CancellationToken cancellation)
    {
        using (batch)
        {
            foreach (RawPart part in batch.Parts)
            {
                foreach (RawMessage message in part.Messages.Span)
                {
                    _messages.Enqueue(new Taken(
                        Encoding.UTF8.GetString(message.Topic.Span),
                        Encoding.UTF8.GetString(message.Payload.Span),
                        message.PacketId,
                        message.Redelivered,
                        message.DeliveredAsRetained,
                        part.Acknowledger!));
                }
            }

            _arrived.Release(batch.Count);
        }

        await Hold.WaitAsync(cancellation);
    }

    public ValueTask<bool> SessionLostAsync(string source, Instant from, Instant to, string detail, bool isNewSession)
    {
        LostSessions.Enqueue((source, from, to, detail));
        return ValueTask.FromResult(true);
    }

    public async Task<Taken> NextAsync()
    {
        Assert.True(await _arrived.WaitAsync(ScriptedBroker.Patience), "No message came.");
        Assert.True(_messages.TryDequeue(out Taken? message));
        return message;
    }
}
