using FleetMonitor.Mqtt.Protocol;

namespace FleetMonitor.Mqtt.Listener;

/// <summary>What was refused.</summary>
public enum MqttRefusal
{
    /// <summary>A connection above the limit.</summary>
    ConnectionLimit,

    /// <summary>A client that did not finish CONNECT in time.</summary>
    ConnectTimeout,

    /// <summary>A CONNECT, with the code it was answered with.</summary>
    Connect,

    /// <summary>A connection that broke the protocol or a limit, with its reason code.</summary>
    Protocol,

    /// <summary>A connection that was silent for one and a half keep-alives.</summary>
    KeepAlive,

    /// <summary>A connection that did not take the answers it asked for.</summary>
    Stalled,

    /// <summary>A connection whose client id connected anew.</summary>
    TakenOver,

    /// <summary>A connection whose permission the host took back.</summary>
    TakenBack,

    /// <summary>A publish that the host did not allow.</summary>
    Publish,

    /// <summary>A subscription that was not granted.</summary>
    Subscribe,
}

/// <summary>How often something was refused for one reason.</summary>
public readonly record struct MqttRefusalCount(MqttRefusal Refusal, MqttReasonCode Reason, long Count);

/// <summary>The listener's counters at one moment, since it was made.</summary>
/// <param name="Connections">Transports served now.</param>
/// <param name="Accepted">CONNECTs answered with success.</param>
/// <param name="Received">Messages taken from clients.</param>
/// <param name="Delivered">Messages sent to subscribers, one for each of them.</param>
/// <param name="Dropped">Messages lost to subscribers that were too slow.</param>
/// <param name="Refusals">Every refusal that happened, by reason.</param>
public sealed record MqttListenerSnapshot(
    int Connections,
    long Accepted,
    long Received,
    long Delivered,
    long Dropped,
    IReadOnlyList<MqttRefusalCount> Refusals)
{
    /// <summary>How often this was refused, for any reason.</summary>
    public long Refused(MqttRefusal refusal) =>
        Refusals.Where(count => count.Refusal == refusal).Sum(count => count.Count);
}

internal sealed class MqttListenerCounters
{
    private static readonly int Kinds = Enum.GetValues<MqttRefusal>().Length;
    private readonly long[] _refusals = new long[Kinds * 256];
    private long _accepted;
    private long _received;
    private long _delivered;
    private long _dropped;

    public void Accepted() => Interlocked.Increment(ref _accepted);

    public void Received(int messages) => Interlocked.Add(ref _received, messages);

    public void Delivered() => Interlocked.Increment(ref _delivered);

    public void Dropped() => Interlocked.Increment(ref _dropped);

    public void Refused(MqttRefusal refusal, MqttReasonCode reason) =>
        Interlocked.Increment(ref _refusals[((int)refusal * 256) + (byte)reason]);

    public MqttListenerSnapshot Snapshot(int connections)
    {
        var refusals = new List<MqttRefusalCount>();
        for (var i = 0; i < _refusals.Length; i++)
        {
            if (Interlocked.Read(ref _refusals[i]) is > 0 and var count)
            {
                refusals.Add(new MqttRefusalCount((MqttRefusal)(i / 256), (MqttReasonCode)(i % 256), count));
            }
        }

        return new MqttListenerSnapshot(
            connections,
            Interlocked.Read(ref _accepted),
            Interlocked.Read(ref _received),
            Interlocked.Read(ref _delivered),
            Interlocked.Read(ref _dropped),
            refusals);
    }
}
