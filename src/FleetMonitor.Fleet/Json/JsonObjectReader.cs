using System.Globalization;
using System.Text.Json;

namespace FleetMonitor.Fleet.Json;

/// <summary>
/// Reads one JSON object strictly: every key must be known and come once, every value must have its type. What is wrong goes to the
/// problem list and reads as absent, so that the rest of the file is still checked. A member that is <c>null</c> is absent.
/// </summary>
public sealed class JsonObjectReader
{
    private readonly ProblemList _problems;
    private readonly (string Key, JsonElement Value)[] _members;

    private JsonObjectReader(JsonNode node, ProblemList problems, (string Key, JsonElement Value)[] members)
    {
        Node = node;
        _problems = problems;
        _members = members;
    }

    public JsonNode Node { get; }

    /// <returns>Null, with the problem noted, where the value is not an object.</returns>
    public static JsonObjectReader? Open(JsonNode node, ProblemList problems, params ReadOnlySpan<string> known)
    {
        if (node.Element.ValueKind != JsonValueKind.Object)
        {
            problems.Add(node, $"expected an object, found {Named(node.Element)}", $"write {{…}} with {string.Join(", ", known)}");
            return null;
        }

        // A large site has 55,000 devices: their keys are compared where they stand, without a string for each.
        var members = new (string Key, JsonElement Value)[known.Length];
        for (int i = 0; i < members.Length; i++)
        {
            members[i].Key = known[i];
        }

        foreach (JsonProperty property in node.Element.EnumerateObject())
        {
            int at = members.Length - 1;
            while (at >= 0 && !property.NameEquals(members[at].Key))
            {
                at--;
            }

            if (at < 0)
            {
                problems.Add(node.Member(property.Name, property.Value), "unknown key", $"use one of {string.Join(", ", known)}");
            }
            else if (members[at].Value.ValueKind != JsonValueKind.Undefined)
            {
                problems.Add(node.Member(property.Name, property.Value), "the key stands here twice", "keep one of them");
            }
            else
            {
                members[at].Value = property.Value;
            }
        }

        return new JsonObjectReader(node, problems, members);
    }

    /// <summary>The member, or null where it is absent or <c>null</c>.</summary>
    public JsonNode? Find(string name)
    {
        foreach ((string key, JsonElement value) in _members)
        {
            if (key == name)
            {
                return value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null : Node.Member(name, value);
            }
        }

        throw new ArgumentException("The key is not one of those the object was opened with.", nameof(name));
    }

    /// <summary>Notes that a member is missing, unless a wrong one is already noted.</summary>
    public JsonNode? Require(string name, string fix)
    {
        JsonNode? node = Find(name);
        if (node is null)
        {
            _problems.Add(Node.PathOf(name), null, "missing", fix);
        }

        return node;
    }

    /// <summary>A text of at least one visible character.</summary>
    public string? Text(string name)
    {
        if (Find(name) is not { } node)
        {
            return null;
        }

        if (node.Element.ValueKind == JsonValueKind.String && node.Element.GetString() is { } text && !string.IsNullOrWhiteSpace(text))
        {
            return text;
        }

        _problems.Add(node, $"expected a text, found {Named(node.Element)}", "write a text in quotes, or leave the key out");
        return null;
    }

    /// <summary>A decimal number within bounds.</summary>
    /// <param name="aboveZero">True where zero is out of bounds as well.</param>
    public decimal? Number(string name, decimal most, bool aboveZero) =>
        Find(name) is { } node ? NumberOf(node, _problems, most, aboveZero) : null;

    public static decimal? NumberOf(JsonNode node, ProblemList problems, decimal most, bool aboveZero)
    {
        string bounds = string.Create(CultureInfo.InvariantCulture, $"write a number {(aboveZero ? "above" : "from")} 0, up to {most}");
        if (node.Element.ValueKind != JsonValueKind.Number)
        {
            problems.Add(node, $"expected a number, found {Named(node.Element)}", bounds);
            return null;
        }

        if (!node.Element.TryGetDecimal(out decimal value) || value > most || value < 0 || (aboveZero && value == 0))
        {
            problems.Add(node, "out of range", bounds);
            return null;
        }

        return value;
    }

    public bool Flag(string name, bool otherwise)
    {
        switch (Find(name))
        {
            case null:
                return otherwise;
            case { Element.ValueKind: JsonValueKind.True }:
                return true;
            case { Element.ValueKind: JsonValueKind.False }:
                return false;
            case { } node:
                _problems.Add(node, $"expected true or false, found {Named(node.Element)}", "write true or false");
                return otherwise;
        }
    }

    /// <summary>One of a few names.</summary>
    public TValue? Choice<TValue>(string name, IReadOnlyDictionary<string, TValue> choices)
        where TValue : struct =>
        Find(name) is { } node ? ChoiceOf(node, _problems, choices) : null;

    public static TValue? ChoiceOf<TValue>(JsonNode node, ProblemList problems, IReadOnlyDictionary<string, TValue> choices)
        where TValue : struct
    {
        if (node.Element.ValueKind == JsonValueKind.String && choices.TryGetValue(node.Element.GetString()!, out TValue value))
        {
            return value;
        }

        problems.Add(node, "not a known value", $"use one of {string.Join(", ", choices.Keys)}");
        return null;
    }

    /// <summary>The items of a list; none where it is absent or not a list.</summary>
    public IEnumerable<JsonNode> Items(string name)
    {
        if (Find(name) is not { } node)
        {
            yield break;
        }

        if (node.Element.ValueKind != JsonValueKind.Array)
        {
            _problems.Add(node, $"expected a list, found {Named(node.Element)}", "write […]");
            yield break;
        }

        int position = 0;
        foreach (JsonElement item in node.Element.EnumerateArray())
        {
            yield return node.Item(position++, item);
        }
    }

    /// <summary>What a value is, in words for a person.</summary>
    public static string Named(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => element.GetString()!.Length == 0 ? "an empty text" : "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        _ => "null",
    };
}
