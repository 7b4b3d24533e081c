using FleetMonitor.Mqtt.Protocol;

namespace FleetMonitor.Mqtt.Transport;

/// <summary>The topics that the peer gave short numbers to (MQTT 5.0 section 3.3.2.3.4); empty until it does.</summary>
internal sealed class TopicAliases(ushort maximum)
{
    private byte[]?[]? _topics;

    /// <summary>Resolves or learns the alias of <paramref name="publish"/>; an error where it has no meaning.</summary>
    public MqttProtocolError? Resolve(in MqttPublish publish, out ReadOnlyMemory<byte> topic)
    {
        topic = publish.Topic;
        if (publish.TopicAlias == 0)
        {
            return null;
        }

        if (publish.TopicAlias > maximum)
        {
            return new MqttProtocolError(MqttReasonCode.TopicAliasInvalid, "The topic alias is above the maximum.");
        }

        _topics ??= new byte[maximum][];
        ref var known = ref _topics[publish.TopicAlias - 1];
        if (topic.IsEmpty)
        {
            topic = known;
            return known is null
                ? new MqttProtocolError(MqttReasonCode.ProtocolError, "The topic alias was never given a topic.")
                : null;
        }

        if (known is null || !known.AsSpan().SequenceEqual(topic.Span))
        {
            // A new array, not new content: messages of the same batch may still point at the old one.
            known = topic.ToArray();
        }

        return null;
    }
}
