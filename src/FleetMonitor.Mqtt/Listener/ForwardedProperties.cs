using FleetMonitor.Mqtt.Protocol;

namespace FleetMonitor.Mqtt.Listener;

/// <summary>The properties that travel on with a message: all but those that belong to one connection.</summary>
internal static class ForwardedProperties
{
    public static ReadOnlySpan<byte> Of(MqttProperties properties)
    {
        if (properties.Number(MqttPropertyId.TopicAlias) is null)
        {
            return properties.Encoded.Span;
        }

        var kept = new List<byte>(properties.Encoded.Length);
        foreach (var property in properties)
        {
            if (property.Id != MqttPropertyId.TopicAlias)
            {
                kept.AddRange(property.Raw.Span);
            }
        }

        return kept.ToArray();
    }
}
