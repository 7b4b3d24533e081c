using FleetMonitor.Mqtt.Protocol;

namespace FleetMonitor.Mqtt.Transport;

/// <summary>What a PUBREL found.</summary>
internal enum MqttRelease
{
    /// <summary>The message was received, and its identifier is free again.</summary>
    Released,

    /// <summary>No such identifier: it was released on a connection that is gone, or the packet came twice.</summary>
    Unknown,

    /// <summary>The message has not been answered with PUBREC yet: the sender breaks the protocol.</summary>
    TooEarly,
}

/// <summary>
/// The receiving side of QoS 2 on one connection (MQTT 5.0 section 4.3.3, figure 4.3):
/// <code>
///   PUBLISH ──▶ host ──▶ durable ──▶ PUBREC ──▶ PUBREL ──▶ PUBCOMP
/// </code>
/// No acknowledgement before durability: PUBREC goes out when the host is sure of the message, as PUBACK does for QoS 1.
/// Nothing twice: from PUBLISH to PUBREL an identifier is known, and a message that comes again under it is not handed
/// over again. Where the connection ends before PUBREC arrived, the sender delivers once more on the next one, with DUP
/// set; that the host has to tell, by what it made durable together with the message: the packet identifier and content,
/// or the message's own time. So a crash between commit and PUBREC neither loses nor doubles. A PUBREL without a
/// PUBLISH before it is the rest of such an exchange and is answered.
/// </summary>
/// <remarks>All members run under the outbound gate.</remarks>
internal sealed class ExactlyOnceReceipts
{
    private readonly Dictionary<ushort, bool> _isAnswered = [];

    /// <summary>Messages answered with PUBREC whose PUBREL has not come.</summary>
    public int Unreleased { get; private set; }

    /// <summary>True where the message is new; else <paramref name="isAnswered"/> says whether its PUBREC went out.</summary>
    public bool Begin(ushort id, out bool isAnswered) => !_isAnswered.TryGetValue(id, out isAnswered) && _isAnswered.TryAdd(id, false);

    /// <summary>What to acknowledge an identifier with: PUBREC where a message of QoS 2 waits for it, else PUBACK.</summary>
    public MqttPacketType Answer(ushort id)
    {
        if (!_isAnswered.ContainsKey(id))
        {
            return MqttPacketType.PubAck;
        }

        Unreleased += _isAnswered[id] ? 0 : 1;
        _isAnswered[id] = true;
        return MqttPacketType.PubRec;
    }

    public MqttRelease Release(ushort id)
    {
        if (!_isAnswered.TryGetValue(id, out var isAnswered))
        {
            return MqttRelease.Unknown;
        }

        if (!isAnswered)
        {
            return MqttRelease.TooEarly;
        }

        _isAnswered.Remove(id);
        Unreleased--;
        return MqttRelease.Released;
    }
}
