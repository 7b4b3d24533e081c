using FleetMonitor.Mqtt.Protocol;

namespace FleetMonitor.Mqtt.Client;

/// <summary>What a client says of itself when it connects, and what it lets the server do.</summary>
public sealed record MqttClientOptions
{
    public required string ClientId { get; init; }

    public MqttVersion Version { get; init; } = MqttVersion.V5;

    /// <summary>True drops a session that the server may have kept.</summary>
    public bool CleanStart { get; init; } = true;

    /// <summary>
    /// How long the server keeps the session after the connection (5.0, whole seconds). In 3.1.1 the session is
    /// kept exactly when <see cref="CleanStart"/> is false.
    /// </summary>
    public TimeSpan SessionExpiry { get; init; }

    /// <summary>Longest silence towards the server, whole seconds up to 65,535; zero turns keep-alive off.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the server may take to answer a ping before the connection counts as dead.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the server may take from CONNECT to CONNACK.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public string? UserName { get; init; }

    public ReadOnlyMemory<byte>? Password { get; init; }

    public MqttWill? Will { get; init; }

    /// <summary>Unacknowledged QoS 1 and 2 messages that the server may have under way to us (5.0).</summary>
    public ushort ReceiveMaximum { get; init; } = 10_000;

    /// <summary>Topic aliases that the server may use (5.0).</summary>
    public ushort TopicAliasMaximum { get; init; } = 100;

    /// <summary>Largest packet accepted, in bytes.</summary>
    public int MaximumPacketSize { get; init; } = 1024 * 1024;

    /// <summary>
    /// How long to let messages gather after a read that brought some, before the next: fewer and larger reads. The connection then reads on
    /// a thread of its own, and is best given a transport whose reads block. Zero reads on at once.
    /// </summary>
    public TimeSpan ReadPause { get; init; }

    /// <summary>QoS 1 messages that we have under way at most; the server's Receive Maximum may lower it.</summary>
    public ushort MaximumInflight { get; init; } = 2_000;
}
