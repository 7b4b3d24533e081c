using FleetMonitor.Mqtt.Protocol;

namespace FleetMonitor.Mqtt.Listener;

/// <summary>What the host decides and takes. Calls for one connection never overlap; those for several do.</summary>
public interface IMqttListenerHandler
{
    /// <summary>
    /// <see cref="MqttReasonCode.Success"/> lets the client in; any failure code refuses it. What the host wants to know of
    /// it later it keeps in <see cref="MqttListenerConnection.HostState"/>.
    /// </summary>
    ValueTask<MqttReasonCode> AuthenticateAsync(
        MqttListenerConnection client, MqttConnect connect, CancellationToken cancellation);

    /// <summary>Whether the client may publish to the topic (UTF-8); a failure code refuses the message.</summary>
    MqttReasonCode AuthorizePublish(MqttListenerConnection client, ReadOnlySpan<byte> topic);

    /// <summary>Whether the client may subscribe to the filter (UTF-8); a failure code refuses it.</summary>
    MqttReasonCode AuthorizeSubscribe(MqttListenerConnection client, ReadOnlySpan<byte> filter);

    /// <summary>
    /// Takes the publishes of one read, or one will (packet identifier 0). Until the task completes the memory stays
    /// valid and nothing more is read from this client. QoS 1 and 2 messages are acknowledged later, once the host is
    /// sure of them, with <see cref="MqttListenerConnection.Acknowledge"/>.
    /// </summary>
    ValueTask OnPublishesAsync(
        MqttListenerConnection client, ReadOnlyMemory<MqttMessage> batch, CancellationToken cancellation);
}
