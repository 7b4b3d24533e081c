namespace FleetMonitor.Mqtt.Protocol;

/// <summary>A CONNECT packet.</summary>
public sealed record MqttConnect
{
    public required MqttVersion Version { get; init; }

    public required string ClientId { get; init; }

    /// <summary>Clean Start in 5.0, Clean Session in 3.1.1.</summary>
    public required bool CleanStart { get; init; }

    /// <summary>Seconds; 0 turns keep-alive off.</summary>
    public ushort KeepAlive { get; init; }

    public string? UserName { get; init; }

    public ReadOnlyMemory<byte>? Password { get; init; }

    public MqttWill? Will { get; init; }

    public MqttProperties Properties { get; init; }
}
