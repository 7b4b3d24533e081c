using FleetMonitor.Telemetry.Decoding;

namespace FleetMonitor.Telemetry;

/// <summary>
/// What is known of a topic, on which whoever takes its messages may note whose they are: with the next message there is nothing to look up.
/// A topic with a note is remembered for as long as the fleet's facts stay as they are; without one only while there is room.
/// </summary>
public readonly struct TopicNote
{
    private readonly Router? _router;
    private readonly Route _route;

    internal TopicNote(Router router, in Route route) => (_router, _route) = (router, route);

    /// <summary>Whose it was when the message was decoded: null until somebody has set it, and again once the topic was forgotten or the fleet's facts have changed.</summary>
    public ITopicOwner? Owner => _route.Whose as ITopicOwner;

    /// <summary>Whose the messages are, by name; empty where that was not found.</summary>
    internal string Device => _router is null ? string.Empty : _route.Device;

    /// <summary>Notes whose the messages are that come from now on.</summary>
    public void SetOwner(ITopicOwner owner)
    {
        if (_route.Place != RouteCache.Nowhere)
        {
            _router?.SetOwner(_route, owner);
        }
    }
}

/// <summary>Whose messages come on a topic.</summary>
public interface ITopicOwner
{
    /// <summary>The name by which the topic was looked up.</summary>
    string Device { get; }
}
