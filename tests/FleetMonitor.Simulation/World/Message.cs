using System.Text;
using FleetMonitor.Fleet;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Simulation.World;

/// <summary>One publish. What it means is known from how it was made, not from decoding it.</summary>
/// <param name="Number">Tells it from every other publish, also of the same bytes.</param>
/// <param name="Reading">What it reports; null where it reports nothing that is metered.</param>
/// <param name="HasTime">False where the receive time counts (S4).</param>
/// <param name="Refused">True where it belongs in quarantine.</param>
/// <param name="Retain">The broker keeps it, and sends it to new subscriptions.</param>
internal sealed record Message(
    int Number, DeviceKey Key, string Topic, string Payload, Reading? Reading, bool HasTime, bool Refused, bool Retain)
{
    public byte[] TopicBytes { get; } = Encoding.UTF8.GetBytes(Topic);

    public byte[] PayloadBytes { get; } = Encoding.UTF8.GetBytes(Payload);

    public override string ToString() => $"#{Number} {Topic} {Payload}{(Retain ? " retain" : string.Empty)}";
}

/// <summary>One delivery of a message, as the service received it.</summary>
internal sealed record Reception(
    string Source, int Session, Message Message, Fleet.Units.Instant ReceivedAt, ushort PacketId, bool Redelivered, bool AsRetained);
