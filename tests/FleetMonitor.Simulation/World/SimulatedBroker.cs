using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry.Sources;

namespace FleetMonitor.Simulation.World;

/// <param name="ReceiveMaximum">Messages in flight at once.</param>
/// <param name="FirstPacketId">Where a session's packet ids start.</param>
/// <param name="LowestFreeId">Takes the lowest packet id that is free, and not the next one round.</param>
internal sealed record BrokerTraits(int ReceiveMaximum, ushort FirstPacketId, bool LowestFreeId);

/// <summary>
/// A broker that keeps one session, with QoS 1 towards the service: what is not acknowledged is sent again on the next connection, under its
/// packet id, marked as a duplicate. It holds the service to its side: only what was sent on this connection may be acknowledged on it.
/// </summary>
internal sealed class SimulatedBroker(string name, BrokerTraits traits, Action<SimulatedBroker, Message> onAcknowledged, Action<string> onViolation)
{
    private readonly Dictionary<string, Message> _retained = [];
    private readonly LinkedList<(Message Message, bool AsRetained)> _queued = [];
    private readonly List<InFlight> _inFlight = [];
    private ushort _lastId;

    public string Name { get; } = name;

    /// <summary>Counts the sessions; zero before the first.</summary>
    public int Session { get; private set; }

    public bool HasSession { get; private set; }

    public SimulatedConnection? Connection { get; private set; }

    public bool IsDrained => _queued.Count == 0 && _inFlight.Count == 0;

    public void Publish(Message message)
    {
        if (message.Retain)
        {
            _retained[message.Topic] = message;
        }

        if (HasSession)
        {
            _queued.AddLast((message, false));
        }
    }

    /// <returns>False where the session is new: what was retained is then sent again.</returns>
    public bool Connect()
    {
        Drop();
        Connection = new SimulatedConnection(this);
        if (HasSession)
        {
            return true;
        }

        HasSession = true;
        Session++;
        _lastId = (ushort)(traits.FirstPacketId - 1);
        foreach (Message message in _retained.Values)
        {
            _queued.AddLast((message, true));
        }

        return false;
    }

    public void Drop() => Connection = null;

    public void LoseSession()
    {
        Drop();
        HasSession = false;
        _queued.Clear();
        _inFlight.Clear();
    }

    /// <summary>Sends again what the connection before left unanswered, then what waits, as far as the window allows.</summary>
    public IReadOnlyList<Reception> Send(int atMost, int orderSeed, Instant now)
    {
        var sent = new List<Reception>();
        foreach (InFlight again in _inFlight.Where(message => message.SentOn != Connection).Take(atMost))
        {
            again.SentOn = Connection;
            sent.Add(new Reception(Name, Session, again.Message, now, again.PacketId, Redelivered: true, again.AsRetained));
        }

        var news = new List<(Message Message, bool AsRetained)>();
        bool caughtUp = _inFlight.All(message => message.SentOn == Connection);
        while (caughtUp && _queued.First is { } next && sent.Count + news.Count < atMost
               && _inFlight.Count + news.Count < traits.ReceiveMaximum)
        {
            news.Add(next.Value);
            _queued.RemoveFirst();
        }

        foreach ((Message message, bool asRetained) in Interleaved(news, orderSeed))
        {
            ushort id = NextId();
            _inFlight.Add(new InFlight(message, id, asRetained) { SentOn = Connection });
            sent.Add(new Reception(Name, Session, message, now, id, Redelivered: false, asRetained));
        }

        return sent;
    }

    public void Acknowledge(SimulatedConnection connection, ReadOnlySpan<ushort> packetIds)
    {
        if (connection != Connection)
        {
            return;
        }

        foreach (ushort id in packetIds)
        {
            int index = _inFlight.FindIndex(message => message.PacketId == id);
            if (index < 0 || _inFlight[index].SentOn != connection)
            {
                onViolation($"packet {id} was acknowledged at {Name} on a connection that it did not come on");
                continue;
            }

            InFlight answered = _inFlight[index];
            _inFlight.RemoveAt(index);
            if (!answered.AsRetained)
            {
                onAcknowledged(this, answered.Message);
            }
        }
    }

    private ushort NextId()
    {
        ushort id = traits.LowestFreeId ? (ushort)0 : _lastId;
        do
        {
            id = (ushort)(id == ushort.MaxValue ? 1 : id + 1);
        }
        while (_inFlight.Any(message => message.PacketId == id));
        return _lastId = id;
    }

    /// <summary>Topics overtake each other; the messages of one topic do not.</summary>
    private static IEnumerable<(Message Message, bool AsRetained)> Interleaved(
        List<(Message Message, bool AsRetained)> messages, int orderSeed)
    {
        if (orderSeed == 0)
        {
            return messages;
        }

        var random = new Random(orderSeed);
        var left = messages.GroupBy(entry => entry.Message.Topic).Select(topic => new Queue<(Message, bool)>(topic)).ToList();
        var order = new List<(Message, bool)>();
        while (left.Count > 0)
        {
            Queue<(Message, bool)> topic = left[random.Next(left.Count)];
            order.Add(topic.Dequeue());
            if (topic.Count == 0)
            {
                left.Remove(topic);
            }
        }

        return order;
    }

    private sealed class InFlight(Message message, ushort packetId, bool asRetained)
    {
        public Message Message { get; } = message;

        public ushort PacketId { get; } = packetId;

        public bool AsRetained { get; } = asRetained;

        public SimulatedConnection? SentOn { get; set; }
    }
}

/// <summary>Answers where the messages came from; once it is broken, nobody hears it.</summary>
internal sealed class SimulatedConnection(SimulatedBroker broker) : IAcknowledger
{
    public void Acknowledge(ReadOnlySpan<ushort> packetIds) => broker.Acknowledge(this, packetIds);
}
