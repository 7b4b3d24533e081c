using FleetMonitor.Mqtt.Protocol;

namespace FleetMonitor.Mqtt.Client;

/// <summary>How an attempt to connect ended.</summary>
public enum MqttConnectOutcome
{
    Accepted,

    /// <summary>The server answered CONNACK with a failure.</summary>
    Refused,

    /// <summary>No CONNACK came in time.</summary>
    TimedOut,

    /// <summary>The connection ended before CONNACK.</summary>
    Closed,
}

/// <summary>The result of connecting.</summary>
/// <param name="Reason">The CONNACK's reason code, or that of the close.</param>
/// <param name="Server">What the server granted; set exactly when accepted.</param>
/// <param name="Detail">The server's reason string or our own words, for the log.</param>
public sealed record MqttConnectResult(
    MqttConnectOutcome Outcome, MqttReasonCode Reason, MqttServerFacts? Server, string? Detail);

/// <summary>What the server said of itself in CONNACK, with the protocol's defaults filled in.</summary>
public sealed record MqttServerFacts
{
    /// <summary>Whether the server still had our session; where it had not, its backlog is lost.</summary>
    public required bool SessionPresent { get; init; }

    /// <summary>Our client id, or the one that the server assigned.</summary>
    public required string ClientId { get; init; }

    /// <summary>The keep-alive in force: ours, unless the server set another.</summary>
    public required TimeSpan KeepAlive { get; init; }

    public MqttQos MaximumQos { get; init; } = MqttQos.ExactlyOnce;

    public bool RetainAvailable { get; init; } = true;

    public bool WildcardSubscriptionAvailable { get; init; } = true;

    /// <summary>QoS 1 messages that the server takes unacknowledged; 65,535 where it sets no limit.</summary>
    public int ReceiveMaximum { get; init; } = ushort.MaxValue;

    /// <summary>Largest packet that the server takes, in bytes.</summary>
    public long MaximumPacketSize { get; init; } = long.MaxValue;

    /// <summary>How long the server will keep the session, where it differs from what was asked.</summary>
    public TimeSpan? SessionExpiry { get; init; }
}

/// <summary>Why a connection ended.</summary>
public enum MqttCloseCause
{
    /// <summary>We closed it.</summary>
    Local,

    /// <summary>The server refused CONNECT.</summary>
    Refused,

    /// <summary>The server sent DISCONNECT.</summary>
    ServerDisconnect,

    /// <summary>The server closed the transport without a word.</summary>
    TransportEnded,

    /// <summary>The transport failed.</summary>
    TransportFailed,

    /// <summary>The server broke the protocol.</summary>
    ProtocolError,

    /// <summary>The server did not answer a ping in time.</summary>
    PingTimeout,

    /// <summary>The server did not answer CONNECT in time.</summary>
    ConnectTimeout,

    /// <summary>The caller's handler threw.</summary>
    HandlerFailed,
}

/// <summary>The end of a connection.</summary>
/// <param name="Reason">The reason code received or sent.</param>
/// <param name="Detail">A sentence for the log.</param>
/// <param name="Exception">What the transport or the handler threw.</param>
public sealed record MqttClosed(
    MqttCloseCause Cause, MqttReasonCode Reason, string Detail, Exception? Exception = null);

/// <summary>How a publish ended.</summary>
public enum MqttPublishOutcome
{
    /// <summary>QoS 0: handed over to the connection.</summary>
    Sent,

    /// <summary>QoS 1: the server has it.</summary>
    Acknowledged,

    /// <summary>QoS 1: the server refused it, for the reason given.</summary>
    Refused,

    /// <summary>The connection closed first; a QoS 1 message may or may not have arrived.</summary>
    ConnectionClosed,

    /// <summary>Not sent: the server can not take it, for the reason given.</summary>
    NotSupported,
}

/// <summary>The result of one publish.</summary>
public readonly record struct MqttPublishResult(MqttPublishOutcome Outcome, MqttReasonCode Reason)
{
    /// <summary>Whether the message went out as its QoS asks.</summary>
    public bool IsSuccess => Outcome is MqttPublishOutcome.Sent or MqttPublishOutcome.Acknowledged;
}

/// <summary>A topic filter to subscribe to.</summary>
/// <param name="Qos">At most this; the server may grant less.</param>
public readonly record struct MqttTopicRequest(string Filter, MqttQos Qos);

/// <summary>The server's answer to SUBSCRIBE or UNSUBSCRIBE.</summary>
/// <param name="Answered">False where the connection closed before the answer.</param>
/// <param name="Reasons">One reason code a filter, in the order asked (none from UNSUBACK in 3.1.1).</param>
public sealed record MqttSubscribeResult(bool Answered, IReadOnlyList<MqttReasonCode> Reasons)
{
    /// <summary>Whether the server granted every filter.</summary>
    public bool AllGranted => Answered && Reasons.All(reason => reason < MqttReasonCode.UnspecifiedError);
}
