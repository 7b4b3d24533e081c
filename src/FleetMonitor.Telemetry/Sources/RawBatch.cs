using System.Buffers;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Telemetry.Sources;

/// <summary>One message as a source handed it over. Topic and payload are slices of the batch's memory.</summary>
/// <param name="PacketId">What the source acknowledges it by; zero where it promised nothing.</param>
/// <param name="Redelivered">The source says that it may have delivered this before.</param>
/// <param name="DeliveredAsRetained">The broker kept it and sent it because of a new subscription: it is no news, and never metered.</param>
public readonly record struct RawMessage(
    ReadOnlyMemory<byte> Topic,
    ReadOnlyMemory<byte> Payload,
    Instant ReceivedAt,
    ushort PacketId,
    bool Redelivered,
    bool DeliveredAsRetained);

/// <summary>Answers for a batch once everything that it changed is durable.</summary>
public interface IAcknowledger
{
    /// <param name="packetIds">In the order of receipt; each of them once, and only those of this batch.</param>
    void Acknowledge(ReadOnlySpan<ushort> packetIds);
}

/// <summary>
/// Messages of one source, in the order of receipt, copied into memory of their own: the source's buffers are free again at once. Filled by
/// one thread, then handed over; <see cref="Dispose"/> gives the memory back.
/// </summary>
public sealed class RawBatch : IDisposable
{
    private readonly List<RawMessage> _messages = [];
    private byte[] _memory = [];
    private int _used;

    /// <param name="source">What to call the source in logs, quarantine and session gaps.</param>
    /// <param name="capacity">Bytes of topics and payloads that it will be filled with.</param>
    public RawBatch(string source, IAcknowledger? acknowledger, int capacity)
    {
        Source = source;
        Acknowledger = acknowledger;
        _memory = ArrayPool<byte>.Shared.Rent(Math.Max(1, capacity));
    }

    public string Source { get; }

    /// <summary>Null where the source promised nothing.</summary>
    public IAcknowledger? Acknowledger { get; }

    public IReadOnlyList<RawMessage> Messages => _messages;

    public void Add(
        ReadOnlySpan<byte> topic,
        ReadOnlySpan<byte> payload,
        Instant receivedAt,
        ushort packetId = 0,
        bool redelivered = false,
        bool deliveredAsRetained = false)
    {
        _messages.Add(new RawMessage(Copy(topic), Copy(payload), receivedAt, packetId, redelivered, deliveredAsRetained));
    }

    public void Dispose()
    {
        byte[] memory = _memory;
        _memory = [];
        _messages.Clear();
        if (memory.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(memory);
        }
    }

    private ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_memory.AsSpan(_used));
        Memory<byte> copy = _memory.AsMemory(_used, bytes.Length);
        _used += bytes.Length;
        return copy;
    }
}

/// <summary>
/// Takes what sources receive. The returned task completes once there is room for it: until then the source reads no further, which is how
/// back-pressure reaches the broker and the rigs. The batch is the receiver's from the call on.
/// </summary>
public interface IMessageReceiver
{
    ValueTask ReceiveAsync(RawBatch batch, CancellationToken cancellation);

    /// <summary>
    /// A broker no longer knew our session, or may not have: what it held for us meanwhile is lost. Completes once that is durable; until then
    /// nothing may be taken from the new session, or a crash could leave its messages and not the gap before them.
    /// </summary>
    /// <param name="isNewSession">It certainly begins anew, and with it the numbers of its packets.</param>
    /// <returns>False where nothing more is taken: the receiver is stopping.</returns>
    ValueTask<bool> SessionLostAsync(string source, Instant from, Instant to, string detail, bool isNewSession);
}
