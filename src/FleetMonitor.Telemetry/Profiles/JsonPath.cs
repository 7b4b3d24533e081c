using System.Globalization;
using System.Text;

namespace FleetMonitor.Telemetry.Profiles;

/// <summary>One step into a payload: a member by its name, or an item of a list by its position.</summary>
public readonly record struct JsonStep(string? Name, int Index);

/// <summary>
/// The way to a value in a payload: <c>ENERGY.Power</c>, <c>Msg.MHS av</c>, <c>STATS[1].GHS 5s</c>. A name that holds a dot or a bracket is
/// written <c>['a.b']</c>.
/// </summary>
public static class JsonPath
{
    private const int MaxIndex = 1000;

    /// <returns>Null where the text is no path.</returns>
    public static IReadOnlyList<JsonStep>? Parse(string text)
    {
        var steps = new List<JsonStep>();
        int at = 0;
        while (at < text.Length)
        {
            if (text[at] == '[')
            {
                if (!TryBracket(text, ref at, out JsonStep step))
                {
                    return null;
                }

                steps.Add(step);
                continue;
            }

            if (steps.Count > 0)
            {
                if (text[at] != '.')
                {
                    return null;
                }

                at++;
            }

            int end = text.AsSpan(at).IndexOfAny('.', '[');
            int stop = end < 0 ? text.Length : at + end;
            if (stop == at)
            {
                return null;
            }

            steps.Add(new JsonStep(text[at..stop], 0));
            at = stop;
        }

        return steps.Count == 0 ? null : steps;
    }

    private static bool TryBracket(string text, ref int at, out JsonStep step)
    {
        step = default;
        bool quoted = text.AsSpan(at).StartsWith("['", StringComparison.Ordinal);
        int close = text.IndexOf(quoted ? "']" : "]", at, StringComparison.Ordinal);
        if (close < 0)
        {
            return false;
        }

        string inside = text[(at + (quoted ? 2 : 1))..close];
        at = close + (quoted ? 2 : 1);
        if (quoted)
        {
            step = new JsonStep(inside, 0);
            return inside.Length > 0;
        }

        bool isIndex = int.TryParse(inside, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index <= MaxIndex;
        step = new JsonStep(null, index);
        return isIndex;
    }
}

/// <summary>
/// A place in a payload that the profile's paths lead through or to; the tree of them is what a payload is read by, in one pass.
/// </summary>
internal sealed class PathNode
{
    private PathNode[] _members = [];
    private PathNode[] _items = [];
    private byte[] _name = [];
    private int _index;

    /// <summary>The slots that this very value fills.</summary>
    public ulong Here { get; private set; }

    /// <summary>The slots that this value or anything inside it fills: what a second key of the same name takes back.</summary>
    public ulong Within { get; private set; }

    public bool HasMembers => _members.Length > 0;

    public bool HasItems => _items.Length > 0;

    public void Add(IReadOnlyList<JsonStep> path, int slot)
    {
        PathNode node = this;
        node.Within |= 1UL << slot;
        foreach (JsonStep step in path)
        {
            node = step.Name is { } member ? node.MemberOrNew(member) : node.ItemOrNew(step.Index);
            node.Within |= 1UL << slot;
        }

        node.Here |= 1UL << slot;
    }

    public PathNode? Member(ReadOnlySpan<byte> unescaped)
    {
        foreach (PathNode member in _members)
        {
            if (unescaped.SequenceEqual(member._name))
            {
                return member;
            }
        }

        return null;
    }

    public PathNode? Item(int position)
    {
        foreach (PathNode item in _items)
        {
            if (item._index == position)
            {
                return item;
            }
        }

        return null;
    }

    private PathNode MemberOrNew(string member)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(member);
        if (Member(utf8) is { } known)
        {
            return known;
        }

        var added = new PathNode { _name = utf8 };
        _members = [.. _members, added];
        return added;
    }

    private PathNode ItemOrNew(int position)
    {
        if (Item(position) is { } known)
        {
            return known;
        }

        var added = new PathNode { _index = position };
        _items = [.. _items, added];
        return added;
    }
}
