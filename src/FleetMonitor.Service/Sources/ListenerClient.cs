using FleetMonitor.Mqtt.Listener;
using FleetMonitor.Service.Identity;
using FleetMonitor.Telemetry.Sources;

namespace FleetMonitor.Service.Sources;

/// <summary>What the service keeps with a connection of the listener.</summary>
internal sealed class ListenerClient(MqttListenerConnection connection) : IAcknowledger
{
    private string? _source;

    /// <summary>Null until it was let in.</summary>
    public ClientRights? Rights { get; set; }

    /// <summary>What to call it in logs and quarantine. Asked for once it was let in.</summary>
    public string Source => _source ??= connection.Owner.Length == 0
        ? $"{ListenerSource.Name}/{connection.ClientId}"
        : $"{ListenerSource.Name}/{connection.Owner}/{connection.ClientId}";

    /// <summary>Null until it first asked to be let in.</summary>
    public static ListenerClient? Of(MqttListenerConnection connection) => (ListenerClient?)connection.HostState;

    public void Acknowledge(ReadOnlySpan<ushort> packetIds) => connection.Acknowledge(packetIds);
}
