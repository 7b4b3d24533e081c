using FleetMonitor.Mqtt.Protocol;

namespace FleetMonitor.Mqtt.Listener;

/// <summary>What becomes of the will that a client hands over in CONNECT: it is published live with QoS 0, whatever it asks for.</summary>
internal static class WillMessage
{
    /// <summary>The properties of the message: the delay is the server's affair and stays behind.</summary>
    public static MqttProperties Properties(MqttWill will)
    {
        var kept = new List<byte>();
        foreach (var property in will.Properties)
        {
            if (property.Id != MqttPropertyId.WillDelayInterval)
            {
                kept.AddRange(property.Raw.Span);
            }
        }

        return new MqttProperties(kept.ToArray());
    }
}
