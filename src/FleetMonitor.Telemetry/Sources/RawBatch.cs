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

/// <summary>Answers for messages once everything that they changed is durable.</summary>
public interface IAcknowledger
{
    /// <param name="packetIds">In the order of receipt; each of them once, and only those of its messages.</param>
    void Acknowledge(ReadOnlySpan<ushort> packetIds);
}

/// <summary>Messages of one sender that follow each other in a batch.</summary>
/// <param name="Source">What to call the sender in logs, quarantine and session gaps.</param>
/// <param name="Acknowledger">Null where the sender was promised nothing.</param>
/// <param name="Messages">In the order of receipt; valid as long as the batch.</param>
public readonly record struct RawPart(string Source, IAcknowledger? Acknowledger, ReadOnlyMemory<RawMessage> Messages);

/// <summary>
/// Messages of one sender, or of many that were read from together, in the order of receipt, copied into memory of their own: the source's
/// buffers are free again at once. Filled by one thread at a time, then handed over; <see cref="Dispose"/> gives the memory back.
/// </summary>
public sealed class RawBatch : IDisposable
{
    private const int FirstMessages = 16;
    private const int FirstBytes = 4 * 1024;

    private readonly List<(string Source, IAcknowledger? Acknowledger, int First)> _parts = [];
    private readonly List<byte[]> _filled = [];
    private RawMessage[] _messages = [];
    private byte[] _memory = [];
    private int _used;

    /// <summary>One whose first sender is still to be said.</summary>
    /// <param name="capacity">Bytes of topics and payloads that it will probably be filled with.</param>
    public RawBatch(int capacity = 0)
    {
        if (capacity > 0)
        {
            _memory = ArrayPool<byte>.Shared.Rent(capacity);
        }
    }

    /// <param name="source">What to call the sender of what is added first.</param>
    public RawBatch(string source, IAcknowledger? acknowledger, int capacity)
        : this(capacity) => From(source, acknowledger);

    /// <summary>Messages in it.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of their topics and payloads.</summary>
    public long Bytes { get; private set; }

    /// <summary>Everything in it, in the order in which it was added.</summary>
    public PartList Parts => new(this);

    /// <summary>What is added from now on is of this sender.</summary>
    public void From(string source, IAcknowledger? acknowledger) => _parts.Add((source, acknowledger, Count));

    public void Add(
        ReadOnlySpan<byte> topic,
        ReadOnlySpan<byte> payload,
        Instant receivedAt,
        ushort packetId = 0,
        bool redelivered = false,
        bool deliveredAsRetained = false)
    {
        if (Count == _messages.Length)
        {
            RawMessage[] larger = ArrayPool<RawMessage>.Shared.Rent(Math.Max(FirstMessages, Count * 2));
            _messages.AsSpan(0, Count).CopyTo(larger);
            GiveBackMessages();
            _messages = larger;
        }

        _messages[Count++] = new RawMessage(Copy(topic), Copy(payload), receivedAt, packetId, redelivered, deliveredAsRetained);
    }

    public void Dispose()
    {
        GiveBackMessages();
        (_messages, Count, Bytes) = ([], 0, 0);
        _parts.Clear();
        _filled.Add(_memory);
        foreach (byte[] memory in _filled)
        {
            if (memory.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(memory);
            }
        }

        _filled.Clear();
        (_memory, _used) = ([], 0);
    }

    private RawPart Part(int index)
    {
        (string source, IAcknowledger? acknowledger, int first) = _parts[index];
        int end = index + 1 < _parts.Count ? _parts[index + 1].First : Count;
        return new RawPart(source, acknowledger, _messages.AsMemory(first, end - first));
    }

    /// <summary>Messages point into memory, which a pooled array must not keep alive.</summary>
    private void GiveBackMessages()
    {
        if (_messages.Length > 0)
        {
            _messages.AsSpan(0, Count).Clear();
            ArrayPool<RawMessage>.Shared.Return(_messages);
        }
    }

    private ReadOnlyMemory<byte> Copy(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _memory.Length - _used)
        {
            if (_memory.Length > 0)
            {
                _filled.Add(_memory);
            }

            _memory = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(FirstBytes, bytes.Length), _memory.Length * 2));
            _used = 0;
        }

        bytes.CopyTo(_memory.AsSpan(_used));
        Memory<byte> copy = _memory.AsMemory(_used, bytes.Length);
        _used += bytes.Length;
        Bytes += bytes.Length;
        return copy;
    }

    /// <summary>The parts of a batch, to go through: a rig's is often one message, and an enumerator for it would be most of the work.</summary>
    public readonly struct PartList(RawBatch batch)
    {
        public Enumerator GetEnumerator() => new(batch);

        /// <summary>Goes through them.</summary>
        public struct Enumerator(RawBatch batch)
        {
            private int _index = -1;

            public readonly RawPart Current => batch.Part(_index);

            public bool MoveNext() => ++_index < batch._parts.Count;
        }
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
