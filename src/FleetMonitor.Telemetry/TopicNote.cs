namespace FleetMonitor.Telemetry;

/// <summary>
/// What is known of a topic, on which whoever takes its messages may note whose they are: with the next message there is nothing to look up.
/// A topic with a note is remembered for as long as the fleet's facts stay as they are; without one only while there is room.
/// </summary>
public abstract class TopicNote
{
    /// <summary>Null until somebody sets it, and again once the topic was forgotten or the fleet's facts have changed.</summary>
    public object? Owner { get; set; }

    /// <summary>The device's name. An owner puts its own copy of the same text here, so that it is held once.</summary>
    public abstract string Device { get; set; }
}
