using System.Net.Security;

namespace FleetMonitor.Telemetry.Sources;

/// <summary>
/// The port of an MQTT client. It connects once, and keeps no connection alive by itself: when to try again, and what a lost session means,
/// is decided by who asks it.
/// </summary>
public interface IBrokerClient
{
    /// <summary>
    /// Makes one attempt, with the session kept. The receiver is attached before CONNECT is sent, because a resumed session delivers at once:
    /// batches may reach it before the returned task completes.
    /// </summary>
    /// <param name="receiver">Given batches one at a time, in the order of receipt; while it has no room, nothing more is read.</param>
    /// <exception cref="OperationCanceledException">It was cancelled. Nothing else that a network or a broker does is thrown.</exception>
    Task<BrokerAttempt> ConnectAsync(BrokerLogin login, IMessageReceiver receiver, CancellationToken cancellation);
}

/// <summary>
/// One MQTT connection, from CONNECT to its end; a reconnect is a new object, so that an acknowledgement, which travels on the connection of
/// its batch, can never travel on a newer one. Disposing sends the acknowledgements given so far, then DISCONNECT.
/// </summary>
public interface IBrokerConnection : IAsyncDisposable
{
    /// <summary>Whether the broker still had our session; where it had not, what it held for us is lost.</summary>
    bool SessionPresent { get; }

    /// <summary>Completes when the connection has ended, with a sentence that says why.</summary>
    Task<string> Completion { get; }

    /// <summary>
    /// Subscribes with QoS 1, kept messages not asked for (5.0) or told apart (3.1.1).
    /// </summary>
    /// <returns>What was granted, in the order asked, null for QoS 1 and else in the broker's words; none where the connection ended first.</returns>
    Task<IReadOnlyList<string?>> SubscribeAsync(IReadOnlyList<string> filters);

    /// <returns>False where the connection ended first.</returns>
    Task<bool> UnsubscribeAsync(IReadOnlyList<string> filters);

    /// <summary>Publishes with QoS 1.</summary>
    /// <returns>False where the connection ended first: the broker may not have it. True with the broker's answer, whatever it is.</returns>
    Task<bool> PublishAsync(string topic, ReadOnlyMemory<byte> payload);
}

/// <summary>What a client says of itself to a broker.</summary>
public sealed record BrokerLogin
{
    /// <summary>What to call the broker in batches and logs.</summary>
    public required string Name { get; init; }

    public required string Host { get; init; }

    public required int Port { get; init; }

    /// <summary>Asked at each attempt, so that a renewed certificate is taken; null for a plain connection.</summary>
    public Func<SslClientAuthenticationOptions>? Tls { get; init; }

    public required string ClientId { get; init; }

    /// <summary>MQTT 3.1.1 instead of 5.0.</summary>
    public required bool Version311 { get; init; }

    /// <summary>Subscribe with QoS 2 instead of 1.</summary>
    public bool ExactlyOnce { get; init; }

    /// <summary>How long the broker keeps the session after the connection (5.0), in whole seconds.</summary>
    public required TimeSpan SessionExpiry { get; init; }

    public required TimeSpan KeepAlive { get; init; }

    /// <summary>Unacknowledged messages that may be under way (5.0).</summary>
    public required ushort ReceiveMaximum { get; init; }

    public string? UserName { get; init; }

    public string? Password { get; init; }

    /// <summary>Largest packet accepted (5.0), in bytes.</summary>
    public int MaximumPacketSize { get; init; } = 1024 * 1024;

    /// <summary>How long connecting may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);
}

/// <summary>How an attempt to connect ended.</summary>
/// <param name="Connection">Null where it failed.</param>
/// <param name="Failure">What failed; null where nothing did.</param>
/// <param name="MayRetry">Whether a new attempt may succeed where nothing is changed.</param>
public sealed record BrokerAttempt(IBrokerConnection? Connection, string? Failure, bool MayRetry);
