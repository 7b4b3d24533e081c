using FleetMonitor.Mqtt.Protocol;

namespace FleetMonitor.Mqtt.Listener;

/// <summary>Rules for the will that a client hands over in CONNECT.</summary>
internal static class WillMessage
{
    /// <summary>The reason to refuse a will; null where it is welcome.</summary>
    public static MqttReasonCode? Unsupported(MqttConnect connect)
    {
        // 3.1.1 has no words for these limits: there the will is published with QoS 0, live.
        if (connect.Will is not { } will || connect.Version == MqttVersion.V311)
        {
            return null;
        }

        return will.Qos > MqttQos.AtLeastOnce ? MqttReasonCode.QosNotSupported : null;
    }

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
