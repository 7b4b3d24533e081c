using System.Text.Json;

namespace FleetMonitor.Fleet.Json;

/// <summary>A value of a file that is being checked, and the way to it; the path's text is only made for a problem.</summary>
public sealed class JsonNode
{
    private readonly JsonNode? _parent;
    private readonly string? _name;
    private readonly int _index;

    private JsonNode(JsonElement element, JsonNode? parent, string? name, int index)
    {
        Element = element;
        _parent = parent;
        _name = name;
        _index = index;
    }

    public JsonElement Element { get; }

    public string Path
    {
        get
        {
            if (_parent is null)
            {
                return "$";
            }

            return _name is null ? $"{_parent.Path}[{_index}]" : _parent.PathOf(_name);
        }
    }

    public static JsonNode Root(JsonElement element) => new(element, null, null, 0);

    public JsonNode Member(string member, JsonElement value) => new(value, this, member, 0);

    public JsonNode Item(int position, JsonElement value) => new(value, this, null, position);

    /// <summary>The path of a member of this node, whether or not it is there.</summary>
    public string PathOf(string member) =>
        member.Length > 0 && member.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
            ? $"{Path}.{member}"
            : $"{Path}['{member}']";
}
