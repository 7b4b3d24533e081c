using FleetMonitor.Mqtt.Topics;

namespace FleetMonitor.Service.Identity;

/// <summary>
/// A topic filter in which <c>%u</c> stands for the user's name and <c>%c</c> for the client id, as in a mosquitto access list. A client id
/// is what the client says of itself: only <c>%u</c> ties a rig to its topics.
/// </summary>
public sealed class TopicPattern
{
    private readonly string _text;

    private TopicPattern(string text)
    {
        _text = text;
    }

    /// <summary>Null for what is no topic filter.</summary>
    public static TopicPattern? TryParse(string text) =>
        TopicFilter.TryParse(Filled(text, "u", "c")) is null ? null : new TopicPattern(text);

    /// <summary>Whether the user's name stands in it.</summary>
    public bool NamesUser => _text.Contains("%u", StringComparison.Ordinal);

    /// <summary>The filter for one client; null where a name would reach beyond its level of the topic.</summary>
    public TopicFilter? For(string user, string clientId)
    {
        bool isUnsafe = (NamesUser && !IsOneLevel(user))
            || (_text.Contains("%c", StringComparison.Ordinal) && !IsOneLevel(clientId));
        return isUnsafe ? null : TopicFilter.TryParse(Filled(_text, user, clientId));
    }

    public override string ToString() => _text;

    /// <summary>In one pass: a user called <c>%c</c> stays one.</summary>
    private static string Filled(string text, string user, string clientId) => string.Join(
        user,
        text.Split("%u").Select(part => part.Replace("%c", clientId, StringComparison.Ordinal)));

    /// <summary>Whether a name is one level of a topic, and no more: not empty, no topic syntax, no control characters.</summary>
    public static bool IsOneLevel(string name) => name.Length > 0 && !name.Any(c => c is '/' or '+' or '#' || char.IsControl(c));
}
