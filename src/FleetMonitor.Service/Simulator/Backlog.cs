using FleetMonitor.Mqtt.Client;

namespace FleetMonitor.Service.Simulator;

/// <summary>
/// The messages of one connection between being sampled and being acknowledged, oldest first, in memory that is used again and again.
/// Not safe for threads.
/// </summary>
internal sealed class Backlog(int capacity)
{
    private readonly Entry[] _entries = new Entry[capacity];
    private readonly byte[] _payloads = GC.AllocateUninitializedArray<byte>(capacity * TelemetryPayload.MaxBytes);
    private int _head;

    public int Count { get; private set; }

    public int Room => _entries.Length - Count;

    public ref Entry this[int index] => ref _entries[Slot(index)];

    public ReadOnlyMemory<byte> Payload(int index) =>
        _payloads.AsMemory(Slot(index) * TelemetryPayload.MaxBytes, _entries[Slot(index)].Length);

    /// <summary>Adds a sample, spelled out at once: whenever it is sent again, it is the same bytes.</summary>
    public void Add(in SimulatedSample sample, TelemetryPayload encoder)
    {
        int slot = Slot(Count);
        int length = encoder.Write(sample, _payloads.AsSpan(slot * TelemetryPayload.MaxBytes, TelemetryPayload.MaxBytes));
        _entries[slot] = new Entry { Sample = sample, Length = length };
        Count++;
    }

    public void RemoveOldest()
    {
        _head = (_head + 1) % _entries.Length;
        Count--;
    }

    private int Slot(int index) => (_head + index) % _entries.Length;

    public struct Entry
    {
        public SimulatedSample Sample;

        public int Length;

        /// <summary>Its publish on the current connection; meaningful while <see cref="IsSent"/>.</summary>
        public ValueTask<MqttPublishResult> Publish;

        public bool IsSent;

        /// <summary>The broker has answered for it, and it only waits for older ones to go.</summary>
        public bool IsSettled;
    }
}
