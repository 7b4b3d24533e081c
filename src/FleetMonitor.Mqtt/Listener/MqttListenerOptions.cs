namespace FleetMonitor.Mqtt.Listener;

/// <summary>Limits of the listener; every one of them bounds what a stranger can cost.</summary>
public sealed record MqttListenerOptions
{
    /// <summary>Connections served at once; further ones are closed without a word.</summary>
    public int MaximumConnections { get; init; } = 100_000;

    /// <summary>Largest packet accepted, in bytes; announced in 5.0.</summary>
    public int MaximumPacketSize { get; init; } = 256 * 1024;

    /// <summary>
    /// QoS 1 and 2 publishes of one connection that wait for their acknowledgement. 5.0: announced, and the connection
    /// is closed where it is exceeded. 3.1.1: reading pauses.
    /// </summary>
    public ushort ReceiveMaximum { get; init; } = 256;

    /// <summary>Topic aliases that a 5.0 client may use.</summary>
    public ushort TopicAliasMaximum { get; init; } = 16;

    /// <summary>How long a client may take until its CONNECT is whole and authenticated.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often silence is looked for; the accuracy of every timeout.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Topic filters that one connection may subscribe to.</summary>
    public int MaximumSubscriptions { get; init; } = 100;

    /// <summary>Bytes that wait for one subscriber; what comes on top is lost to it, and counted.</summary>
    public int SubscriberBacklog { get; init; } = 1024 * 1024;
}
