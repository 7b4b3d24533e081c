using System.Buffers;

namespace FleetMonitor.Mqtt.Transport;

/// <summary>The messages of one read. Holds a pooled array only between the first message and the hand-over.</summary>
internal struct MessageBatch
{
    private const int FirstCapacity = 16;

    private MqttMessage[]? _messages;

    public int Count { get; private set; }

    public readonly ReadOnlyMemory<MqttMessage> Messages => _messages.AsMemory(0, Count);

    public void Add(in MqttMessage message)
    {
        if (_messages is null || Count == _messages.Length)
        {
            var larger = ArrayPool<MqttMessage>.Shared.Rent(Math.Max(FirstCapacity, Count * 2));
            Messages.CopyTo(larger);
            Release(_messages, Count);
            _messages = larger;
        }

        _messages[Count++] = message;
    }

    public void Clear()
    {
        Release(_messages, Count);
        (_messages, Count) = (null, 0);
    }

    private static void Release(MqttMessage[]? messages, int count)
    {
        if (messages is not null)
        {
            // The messages point into read buffers, which a pooled array must not keep alive.
            messages.AsSpan(0, count).Clear();
            ArrayPool<MqttMessage>.Shared.Return(messages);
        }
    }
}
