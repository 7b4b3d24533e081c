namespace FleetMonitor.Mqtt.Topics;

/// <summary>Rules for topic names, the topics that messages are published to (MQTT 5.0 section 4.7).</summary>
public static class TopicName
{
    /// <summary>
    /// Whether <paramref name="topic"/>, already known to be UTF-8 without U+0000, may be published to: not empty,
    /// no wildcard, at most 65,535 bytes.
    /// </summary>
    public static bool IsValid(ReadOnlySpan<byte> topic) =>
        topic.Length is > 0 and <= ushort.MaxValue && topic.IndexOfAny((byte)'+', (byte)'#', (byte)0) < 0;
}
