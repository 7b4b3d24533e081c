namespace FleetMonitor.Mqtt.Listener;

/// <summary>
/// When to look at which connection next, so that many silent ones cost nothing between their deadlines: no timer each, and no look at all of them
/// every second. A connection has one place here, the earliest that it was given.
/// </summary>
/// <remarks>One that has ended keeps its place until then: nobody may ask for a time that is far off.</remarks>
internal sealed class Deadlines
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<MqttListenerConnection, long> _queue = new();

    /// <summary>Looks at the connection then, or earlier where that was asked for before.</summary>
    /// <param name="at">In ticks of the listener's clock.</param>
    public void Set(MqttListenerConnection connection, long at)
    {
        lock (_gate)
        {
            if (at < connection.Deadline)
            {
                connection.Deadline = at;
                _queue.Enqueue(connection, at);
            }
        }
    }

    /// <summary>Takes a connection that it is time to look at.</summary>
    public bool TryTake(long now, out MqttListenerConnection connection)
    {
        lock (_gate)
        {
            while (_queue.TryPeek(out connection!, out long at) && at <= now)
            {
                _queue.Dequeue();
                if (connection.Deadline == at)
                {
                    connection.Deadline = long.MaxValue;
                    return true;
                }
            }

            connection = null!;
            return false;
        }
    }
}
