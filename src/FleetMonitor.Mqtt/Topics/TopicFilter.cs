using System.Text;
using System.Text.Unicode;

namespace FleetMonitor.Mqtt.Topics;

/// <summary>
/// A validated topic filter. Matches on UTF-8 bytes without allocating: <c>+</c> stands for one level, <c>#</c> for
/// any number of levels at the end and its parent, and a wildcard in first place never matches a topic that
/// begins with <c>$</c> (MQTT 5.0 sections 4.7.1 and 4.7.2).
/// </summary>
public sealed class TopicFilter
{
    private readonly byte[] _filter;

    private TopicFilter(byte[] filter)
    {
        _filter = filter;
    }

    /// <summary>The filter's UTF-8 bytes.</summary>
    public ReadOnlySpan<byte> Utf8Text => _filter;

    /// <summary>Parses a filter; null where it is not one.</summary>
    public static TopicFilter? TryParse(string filter) => TryParse(Encoding.UTF8.GetBytes(filter));

    /// <summary>Parses a filter; null where it is not one.</summary>
    public static TopicFilter? TryParse(ReadOnlySpan<byte> filter) =>
        IsValid(filter) ? new TopicFilter(filter.ToArray()) : null;

    /// <summary>
    /// Whether the bytes are a topic filter: 1 to 65,535 bytes of UTF-8 without U+0000, <c>+</c> alone in its
    /// level, <c>#</c> alone in the last one.
    /// </summary>
    public static bool IsValid(ReadOnlySpan<byte> filter)
    {
        if (filter.Length is 0 or > ushort.MaxValue || filter.Contains((byte)0) || !Utf8.IsValid(filter))
        {
            return false;
        }

        for (var i = 0; i < filter.Length; i++)
        {
            if (filter[i] is not ((byte)'+' or (byte)'#'))
            {
                continue;
            }

            var opensLevel = i == 0 || filter[i - 1] == '/';
            var isLast = i == filter.Length - 1;
            var closesLevel = isLast || (filter[i] == '+' && filter[i + 1] == '/');
            if (!opensLevel || !closesLevel)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the subscription is a shared one (<c>$share/group/filter</c>, section 4.8.2).</summary>
    public static bool IsShared(ReadOnlySpan<byte> filter) => filter.StartsWith("$share/"u8);

    /// <summary>Whether a message on <paramref name="topic"/> belongs to this filter.</summary>
    public bool Matches(ReadOnlySpan<byte> topic)
    {
        ReadOnlySpan<byte> filter = _filter;
        if (topic.IsEmpty || (topic[0] == '$' && filter[0] is (byte)'+' or (byte)'#'))
        {
            return false;
        }

        while (true)
        {
            var filterLevel = TakeLevel(ref filter, out var filterGoesOn);
            if (filterLevel.SequenceEqual("#"u8))
            {
                return true;
            }

            var topicLevel = TakeLevel(ref topic, out var topicGoesOn);
            if (!filterLevel.SequenceEqual("+"u8) && !filterLevel.SequenceEqual(topicLevel))
            {
                return false;
            }

            if (!topicGoesOn)
            {
                // The parent of a closing multi-level wildcard belongs to it.
                return !filterGoesOn || filter.SequenceEqual("#"u8);
            }

            if (!filterGoesOn)
            {
                return false;
            }
        }
    }

    /// <summary>Whether every topic that <paramref name="other"/>, a valid filter, matches is matched by this one as well.</summary>
    public bool Covers(ReadOnlySpan<byte> other)
    {
        ReadOnlySpan<byte> filter = _filter;
        if (other[0] == '$' && filter[0] is (byte)'+' or (byte)'#')
        {
            return false;
        }

        while (true)
        {
            var level = TakeLevel(ref filter, out var goesOn);
            if (level.SequenceEqual("#"u8))
            {
                return true;
            }

            var otherLevel = TakeLevel(ref other, out var otherGoesOn);
            var isCovered = level.SequenceEqual("+"u8) ? !otherLevel.SequenceEqual("#"u8) : level.SequenceEqual(otherLevel);
            if (!isCovered)
            {
                return false;
            }

            if (!otherGoesOn)
            {
                return !goesOn || filter.SequenceEqual("#"u8);
            }

            if (!goesOn)
            {
                return false;
            }
        }
    }

    public override string ToString() => Encoding.UTF8.GetString(_filter);

    private static ReadOnlySpan<byte> TakeLevel(ref ReadOnlySpan<byte> rest, out bool goesOn)
    {
        var slash = rest.IndexOf((byte)'/');
        goesOn = slash >= 0;
        var level = goesOn ? rest[..slash] : rest;
        rest = goesOn ? rest[(slash + 1)..] : default;
        return level;
    }
}
