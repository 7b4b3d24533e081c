using System.Text;

namespace FleetMonitor.Telemetry.Profiles;

/// <summary>
/// Which topics a message shape reads, and what their levels say: <c>fleet/{site}/{device}/telemetry</c>. A level is a literal, <c>+</c> (any
/// level), <c>#</c> (all that follow, last only), or a name in braces with literal text around it, as in <c>{device}_D40MainData</c>:
/// <c>{site}</c>, <c>{device}</c>, and <c>{channel}</c>, a number that tells the outputs of one device apart.
/// </summary>
public sealed class TopicPattern
{
    private readonly Level[] _levels;

    private TopicPattern(string text, Level[] levels)
    {
        Text = text;
        _levels = levels;
        Filter = string.Join('/', levels.Select(level => level.Kind == LevelKind.Literal ? level.Before : level.IsRest ? "#" : "+"));
        Shape = string.Join('/', levels.Select(level => level.Kind switch
        {
            LevelKind.Literal => level.Before,
            LevelKind.Rest => "#",
            LevelKind.Channel => $"{level.Before}{{n}}{level.After}",
            _ => $"{level.Before}+{level.After}",
        }));
    }

    private enum LevelKind : byte
    {
        // In order of how much a level pins down: of two patterns that read a topic, the more exact one is asked first.
        Literal,
        Channel,
        Site,
        Device,
        Any,
        Rest,
    }

    public string Text { get; }

    /// <summary>The MQTT topic filter to subscribe to; it may deliver more than the pattern reads.</summary>
    public string Filter { get; }

    public bool HasSite => _levels.Any(level => level.Kind == LevelKind.Site);

    public bool HasDevice => _levels.Any(level => level.Kind == LevelKind.Device);

    /// <summary>The pattern without its names: two patterns of one shape read the same topics.</summary>
    internal string Shape { get; }

    /// <returns>Null, with the reason, where the text is no pattern.</returns>
    public static TopicPattern? Parse(string text, out string? problem)
    {
        problem = null;
        string[] parts = text.Split('/');
        var levels = new Level[parts.Length];
        for (int i = 0; i < parts.Length && problem is null; i++)
        {
            problem = Level.TryParse(parts[i], i == parts.Length - 1, out levels[i]);
        }

        foreach (LevelKind kind in (ReadOnlySpan<LevelKind>)[LevelKind.Site, LevelKind.Device, LevelKind.Channel])
        {
            if (problem is null && levels.Count(level => level.Kind == kind) > 1)
            {
                problem = $"{{{kind.ToString().ToLowerInvariant()}}} stands in it twice";
            }
        }

        return problem is null ? new TopicPattern(text, levels) : null;
    }

    /// <summary>Whether a topic is read, and where in it the names stand; a name that the pattern lacks is empty.</summary>
    public bool TryMatch(ReadOnlySpan<byte> topic, out Range site, out Range device, out Range channel)
    {
        site = device = channel = 0..0;
        // As MQTT has it: topics of the server itself are only for those who ask by name.
        if (topic.StartsWith("$"u8) && _levels[0].Kind != LevelKind.Literal)
        {
            return false;
        }

        int start = 0;
        for (int i = 0; i < _levels.Length; i++)
        {
            if (_levels[i].IsRest)
            {
                return true;
            }

            if (start > topic.Length)
            {
                return false;
            }

            int slash = topic[start..].IndexOf((byte)'/');
            int end = slash < 0 ? topic.Length : start + slash;
            if (!_levels[i].TryMatch(topic[start..end], out Range name))
            {
                return false;
            }

            Range within = (start + name.Start.Value)..(start + name.End.Value);
            switch (_levels[i].Kind)
            {
                case LevelKind.Site:
                    site = within;
                    break;
                case LevelKind.Device:
                    device = within;
                    break;
                case LevelKind.Channel:
                    channel = within;
                    break;
                default:
                    break;
            }

            start = end + 1;
        }

        return start > topic.Length;
    }

    /// <summary>The more exact pattern first, level by level from the left; so the order of files does not matter.</summary>
    internal static int CompareByExactness(TopicPattern left, TopicPattern right)
    {
        for (int i = 0; i < Math.Min(left._levels.Length, right._levels.Length); i++)
        {
            int compared = left._levels[i].Vagueness.CompareTo(right._levels[i].Vagueness);
            if (compared != 0)
            {
                return compared;
            }
        }

        int byLength = right._levels.Length.CompareTo(left._levels.Length);
        return byLength != 0 ? byLength : string.CompareOrdinal(left.Shape, right.Shape);
    }

    private readonly record struct Level(LevelKind Kind, string Before, string After)
    {
        private readonly byte[] _before = Encoding.UTF8.GetBytes(Before);
        private readonly byte[] _after = Encoding.UTF8.GetBytes(After);

        public bool IsRest => Kind == LevelKind.Rest;

        /// <summary>Less for what pins down more; literal text around a name counts.</summary>
        public (int Kind, int Literal) Vagueness => Kind switch
        {
            LevelKind.Literal => (0, 0),
            LevelKind.Channel => (1, -_before.Length - _after.Length),
            LevelKind.Rest => (3, 0),
            _ => (2, -_before.Length - _after.Length),
        };

        public static string? TryParse(string text, bool isLast, out Level level)
        {
            level = default;
            if (text == "+")
            {
                level = new Level(LevelKind.Any, string.Empty, string.Empty);
                return null;
            }

            if (text == "#")
            {
                level = new Level(LevelKind.Rest, string.Empty, string.Empty);
                return isLast ? null : "# may only stand last";
            }

            int open = text.IndexOf('{', StringComparison.Ordinal);
            int close = text.IndexOf('}', StringComparison.Ordinal);
            LevelKind kind = LevelKind.Literal;
            if (open >= 0 && close > open)
            {
                switch (text[(open + 1)..close])
                {
                    case "site":
                        kind = LevelKind.Site;
                        break;
                    case "device":
                        kind = LevelKind.Device;
                        break;
                    case "channel":
                        kind = LevelKind.Channel;
                        break;
                    default:
                        return $"{text[open..(close + 1)]} is not a name: use {{site}}, {{device}} or {{channel}}";
                }
            }

            level = kind == LevelKind.Literal
                ? new Level(kind, text, string.Empty)
                : new Level(kind, text[..open], text[(close + 1)..]);
            bool stray = (level.Before + level.After).AsSpan().ContainsAny("{}+#\0");
            return stray ? $"the level \"{text}\" holds a character that has a meaning of its own" : null;
        }

        public bool TryMatch(ReadOnlySpan<byte> level, out Range name)
        {
            name = 0..0;
            if (Kind == LevelKind.Any)
            {
                return true;
            }

            if (Kind == LevelKind.Literal)
            {
                return level.SequenceEqual(_before);
            }

            if (level.Length < _before.Length + _after.Length || !level.StartsWith(_before) || !level.EndsWith(_after))
            {
                return false;
            }

            name = _before.Length..(level.Length - _after.Length);
            return Kind != LevelKind.Channel
                || (!level[name].IsEmpty && !level[name].ContainsAnyExceptInRange((byte)'0', (byte)'9'));
        }
    }
}
