namespace FleetMonitor.Telemetry;

/// <summary>
/// What is known of a topic, on which whoever takes its messages may note whose they are: with the next message there is nothing to look up.
/// A topic with a note is remembered for as long as the fleet's facts stay as they are; without one only while there is room.
/// </summary>
public abstract class TopicNote
{
    /// <summary>Null until somebody sets it, and again once the topic was forgotten or the fleet's facts have changed.</summary>
    public abstract ITopicOwner? Owner { get; set; }

    /// <summary>The device's name.</summary>
    public abstract string Device { get; }
}

/// <summary>Whose messages come on a topic.</summary>
public interface ITopicOwner
{
    /// <summary>The name by which the topic was looked up.</summary>
    string Device { get; }
}
